import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./load.js";

const { nearby } = load("explore/picker", ["nearby"]);
const { putView, viewOfLink } = load("explore/link", ["putView", "viewOfLink"]);

test("points within nine pixels are one place, the picked one first, then by distance", () => {
  const [picked, far, edge, close] = [
    { id: "picked", at: [100, 100] },
    { id: "far", at: [100, 109.1] },
    { id: "edge", at: [109, 100] },
    { id: "close", at: [103, 104] },
  ];
  assert.deepEqual(nearby([far, edge, picked, close], picked), [picked, close, edge]);
});

test("a point alone on its place is picked at once", () => {
  const picked = { at: [0, 0] };
  assert.deepEqual(nearby([picked, { at: [50, 0] }], picked), [picked]);
});

const USUAL = {
  model: "",
  cost: "bytes",
  match: "all",
  question: "best",
  counted: "macs",
  log: false,
  seeds: false,
  published: false,
  operators: [],
  bound: null,
  selected: "",
};
const CHOSEN = {
  task: "sst2",
  data: "glue",
  model: "bert-tiny",
  cost: "macs",
  match: "only",
  question: "cheapest",
  counted: "bytes",
  log: true,
  seeds: true,
  published: true,
  operators: ["prune", "quantize"],
  bound: -1.5,
  selected: "",
};

test("an address that names nothing is the usual view", () => {
  assert.deepEqual(viewOfLink(new URLSearchParams()), USUAL);
});

test("a usual view leaves the address bare", () => {
  const url = putView(new URL("https://site.example/?cost=macs&axis=macs&log=1&with=prune"), USUAL);
  assert.equal(url.href, "https://site.example/?cost=macs");
});

test("a chosen view comes back from its address, and what else it names stays", () => {
  const url = putView(new URL("https://site.example/?__theme=dark"), CHOSEN);
  assert.deepEqual(viewOfLink(new URL(url.href).searchParams), CHOSEN);
  assert.equal(url.searchParams.get("__theme"), "dark");
});

test("a bound of nought is a bound", () => {
  const url = putView(new URL("https://site.example/"), { ...CHOSEN, bound: 0 });
  assert.equal(viewOfLink(url.searchParams).bound, 0);
});

for (const bound of ["", "many", "Infinity", "NaN"])
  test(`a bound of "${bound}" is none`, () => {
    assert.equal(viewOfLink(new URLSearchParams({ bound })).bound, null);
  });

test("the run that a link names is selected", () => {
  assert.equal(viewOfLink(new URLSearchParams("run=abc123")).selected, "abc123");
});
