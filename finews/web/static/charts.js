// Charts are drawn from the tables beside them, which say the same to whoever sees no picture.
// A canvas names its table: <canvas data-table="id">. The first column is the label, the others are
// series. A table with data-begin and data-end has days; those without a row count as 0.

const DAY = 24 * 3600 * 1000;
const style = getComputedStyle(document.documentElement);
const colour = (name) => style.getPropertyValue(name).trim();

function rowsOf(table) {
  return [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.dataset.value ?? cell.textContent.trim()));
}

function withAllDays(rows, begin, end) {
  const known = new Map(rows.map((row) => [row[0], row]));
  const width = rows.length ? rows[0].length : 2;
  const found = [];
  for (let at = Date.parse(begin); at <= Date.parse(end); at += DAY) {
    const day = new Date(at).toISOString().slice(0, 10);
    found.push(known.get(day) ?? [day, ...Array(width - 1).fill("0")]);
  }
  return found;
}

function headings(table) {
  return [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent.trim());
}

function draw(canvas) {
  const table = document.getElementById(canvas.dataset.table);
  const { begin, end } = table.dataset;
  const rows = begin ? withAllDays(rowsOf(table), begin, end) : rowsOf(table);
  const shades = ["--heat-5", "--heat-3", "--heat-2"].map(colour);
  const datasets = headings(table).map((label, place) => ({
    label,
    data: rows.map((row) => Number(row[place + 1].replaceAll(",", ""))),
    backgroundColor: shades[place % shades.length],
    borderRadius: 1,
    maxBarThickness: 24,
    minBarLength: 0,
  }));
  const axis = { grid: { color: colour("--line") }, border: { color: colour("--line-strong") } };
  const ticks = { color: colour("--ink-soft"), maxRotation: 0, autoSkipPadding: 16 };
  return new window.Chart(canvas, {
    type: canvas.dataset.kind ?? "bar",
    data: { labels: rows.map((row) => row[0]), datasets },
    options: {
      animation: false,
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      plugins: { legend: { display: datasets.length > 1, labels: { color: colour("--ink") } } },
      scales: {
        x: { ...axis, grid: { display: false }, ticks },
        y: { ...axis, beginAtZero: true, ticks: { ...ticks, precision: 0 } },
      },
    },
  });
}

let drawn = [];
function drawAll() {
  for (const one of drawn) one.destroy();
  drawn = [...document.querySelectorAll("canvas[data-table]")].map((canvas) => {
    canvas.closest(".plot").hidden = false;
    return draw(canvas);
  });
}

drawAll();
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
