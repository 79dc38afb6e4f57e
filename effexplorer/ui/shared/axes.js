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
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough);
  const found = [];
  for (let one = Math.ceil(low / step) * step; one <= high + step / 1e6; one += step)
    found.push(places(one, 6));
  return found;
}
