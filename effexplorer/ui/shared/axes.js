// What every figure needs: rounded numbers, attributes, the text's size, the marks of an axis.
const places = (value, digits = 3) => (value ? Number(value.toPrecision(digits)) : 0);
const put = (node, attributes) => {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
};
const em = () => parseFloat(getComputedStyle(root).fontSize);

function ticks(low, high, most) {
  const rough = (high - low) / most,
    power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((factor) => factor >= rough);
  const values = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step / 1e6; tick += step)
    values.push(places(tick, 6));
  return values;
}
