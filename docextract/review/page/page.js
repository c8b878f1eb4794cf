// The page of docextract review: shows a document, takes keys and clicks, tells the server at once.
// Text of documents only ever goes where textContent puts it. Keeps nothing of its own.
"use strict";

const token = location.hash.slice(1);
const byId = (id) => document.getElementById(id);
const SIGNS = {
  verified: "", consistent: "=", unverified: "?", conflict: "!", absent: "–", confirmed: "✓",
};

const state = {
  order: [], briefs: new Map(), queue: null, visited: new Set(),
  sheet: null, stop: 0, cell: [0, 0], stops: [],
  isEditing: false, showsAbsent: false, page: 1, zoom: 1, isClose: false, words: [],
  history: [], pictures: new Map(),
};

// --- asking the server ---------------------------------------------------------------------------

async function ask(path, body) {
  const options = { headers: { "X-Token": token } };
  if (body !== undefined) {
    options.method = "POST";
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw { error: "The review has ended: start it again. What you did so far is kept." };
  }
  if (!response.ok) throw await response.json();
  return response;
}

const askJson = async (path, body) => (await ask(path, body)).json();

// Keys come faster than the disk: one thing after another, none lost.
let chain = Promise.resolve();
function inTurn(step) {
  chain = chain.then(step).catch(complain);
  return chain;
}

// --- small helpers for elements ------------------------------------------------------------------

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function printed(text, className) {
  const element = make("span", className, text);
  element.dir = "auto";
  return element;
}

function complain(problem) {
  const box = byId("message");
  box.replaceChildren(make("p", "", problem.error || String(problem)));
  const choices = problem.choices || [];
  choices.forEach((choice, index) => {
    const button = make("button", "choice", `${index + 1}: ${choice}`);
    button.addEventListener("click", () => choose(choice));
    box.append(button);
  });
  if (!choices.length && problem.hint) box.append(make("p", "quiet", problem.hint));
  box.hidden = false;
  state.choices = choices;
  if (!choices.length && state.sheet && problem.hint && problem.hint.startsWith("Look at it")) {
    return load(state.sheet.sha256, currentPath()).catch(() => {});
  }
  return undefined;
}

function calm() {
  byId("message").hidden = true;
  state.choices = [];
}

function choose(choice) {
  const spot = state.pointed;
  calm();
  inTurn(() => say("correct", { text: choice, ...(spot || {}) }));
}

// --- the queue -----------------------------------------------------------------------------------

async function refreshQueue() {
  const queue = await askJson("api/queue");
  state.queue = queue;
  const fresh = new Map(queue.items.map((item) => [item.sha256, item]));
  for (const sha of state.order) {
    if (!fresh.has(sha)) state.briefs.set(sha, { ...state.briefs.get(sha), left: 0, seconds: 0 });
  }
  fresh.forEach((item, sha) => state.briefs.set(sha, item));
  const kept = state.order.filter((sha) => state.visited.has(sha));
  const others = queue.items.map((item) => item.sha256).filter((sha) => !state.visited.has(sha));
  state.order = [...kept, ...others];
  showProgress();
  return queue;
}

async function watchQueue() {
  for (;;) {
    const queue = await refreshQueue();
    if (!state.sheet && state.order.length) await inTurn(() => load(state.order[0]));
    if (!state.sheet && queue.is_complete) showNothing();
    await new Promise((done) => setTimeout(done, queue.is_complete ? 15000 : 400));
  }
}

function showProgress() {
  const left = [...state.briefs.values()].filter((item) => item.left > 0);
  const seconds = left.reduce((sum, item) => sum + item.seconds, 0);
  const values = left.reduce((sum, item) => sum + item.left, 0);
  const minutes = Math.max(1, Math.round(seconds / 60));
  const told = left.length
    ? `${values} left in ${left.length} document${left.length > 1 ? "s" : ""}, about ${minutes} minute${minutes > 1 ? "s" : ""}`
    : "nothing is left";
  const looking = state.queue && !state.queue.is_complete ? " (still looking)" : "";
  byId("progress").textContent = told + looking;
  const total = state.briefs.size || 1;
  byId("done").style.width = `${(100 * (total - left.length)) / total}%`;
  const index = state.sheet ? state.order.indexOf(state.sheet.sha256) : -1;
  byId("place").textContent = index < 0 ? "" : `${index + 1} of ${state.order.length}`;
}

function showNothing() {
  byId("about").replaceChildren(make("h1", "", "Nothing is in doubt"));
  byId("progress").textContent = "nothing is left";
}

async function go(step) {
  const index = state.order.indexOf(state.sheet.sha256) + step;
  if (index >= 0 && index < state.order.length) await load(state.order[index]);
}

async function nextDocument() {
  const from = state.order.indexOf(state.sheet.sha256);
  const turned = [...state.order.slice(from + 1), ...state.order.slice(0, from)];
  const sha = turned.find((other) => (state.briefs.get(other) || {}).left > 0);
  if (sha) await load(sha);
  else show();
}

// --- one document --------------------------------------------------------------------------------

async function load(sha, path) {
  const sheet = await askJson(`api/sheet/${encodeURIComponent(sha)}`);
  state.visited.add(sha);
  if (!state.order.includes(sha)) state.order.push(sha);
  take(sheet);
  state.isEditing = false;
  if (path === undefined) stopAt(sheet.left[0]);
  else stopAt(path);
  await show();
  // What comes next is drawn while this is looked at.
  const next = state.order[state.order.indexOf(sha) + 1];
  if (next) picture(next, 1).catch(() => {});
}

function take(sheet) {
  state.sheet = sheet;
  const known = state.briefs.get(sheet.sha256) || { sha256: sheet.sha256, path: sheet.path };
  const seconds = sheet.left.length ? known.seconds || 10 : 0;
  state.briefs.set(sheet.sha256, { ...known, left: sheet.left.length, seconds });
  layOut();
}

// What can be stopped at, from top to bottom: the document, fields, tables.
function layOut() {
  const { sheet } = state;
  const left = new Set([...sheet.left, ...sheet.skipped]);
  const fields = sheet.fields.filter(
    (field) => state.showsAbsent || field.status !== "absent" || left.has(field.path),
  );
  state.stops = [
    ...(left.has("") ? [{ kind: "document", path: "" }] : []),
    ...fields.map((field) => ({ kind: "field", path: field.path, field })),
    ...sheet.tables
      .filter((table) => table.rows.length || left.has(table.unit) || state.showsAbsent)
      .map((table) => ({ kind: "table", path: table.path, table })),
  ];
}

function stopAt(path) {
  const { stops } = state;
  const unit = (path || "").split("[")[0];
  let index = stops.findIndex((stop) => stop.path === path);
  if (index < 0) index = stops.findIndex((stop) => stop.path === unit);
  if (index < 0) index = stops.findIndex((stop) => stop.kind !== "document");
  state.stop = Math.max(0, index);
  const stop = stops[state.stop];
  state.cell = [0, 0];
  if (stop && stop.kind === "table") state.cell = findCell(stop.table, path) || doubtfulCell(stop.table);
  state.isClose = false;
}

function findCell(table, path) {
  for (const [r, row] of table.rows.entries())
    for (const [c, cell] of row.entries()) if (cell.path === path) return [r, c];
  return null;
}

function doubtfulCell(table) {
  for (const [r, row] of table.rows.entries())
    for (const [c, cell] of row.entries())
      if (cell.status === "conflict" || cell.readings.length) return [r, c];
  return [0, Math.max(0, shownColumns(table)[0] ?? 0)];
}

// Columns without a single value would push the others out of sight.
function shownColumns(table) {
  const all = table.columns.map((_, index) => index);
  const filled = all.filter((c) => table.rows.some((row) => row[c].value !== null || row[c].said));
  return state.showsAbsent || !filled.length ? all : filled;
}

function current() {
  return state.stops[state.stop];
}

function currentCell() {
  const stop = current();
  if (!stop || stop.kind !== "table") return null;
  const row = stop.table.rows[state.cell[0]];
  return row ? row[state.cell[1]] : null;
}

function currentPath() {
  const stop = current();
  if (!stop) return "";
  const cell = currentCell();
  return cell ? cell.path : stop.path;
}

function currentThing() {
  const stop = current();
  if (!stop) return null;
  return stop.kind === "field" ? stop.field : currentCell();
}

// --- what a person does --------------------------------------------------------------------------

async function say(action, more, path) {
  const place = path === undefined ? currentPath() : path;
  const { sheet } = state;
  state.pointed = more && more.page ? { page: more.page, box: more.box, quote: more.quote } : null;
  const body = { sha256: sheet.sha256, path: place, action, seen: sheet.newest, ...more };
  const fresh = await askJson("api/say", body);
  state.history.push(sheet.sha256);
  calm();
  state.isEditing = false;
  take(fresh);
  return place;
}

async function sayAndGoOn(action, more, path) {
  const place = await say(action, more, path);
  await onward(place.split("[")[0]);
}

async function onward(from) {
  const { sheet } = state;
  const order = ["", ...sheet.fields.map((f) => f.path), ...sheet.tables.map((t) => t.unit)];
  const index = order.indexOf(from);
  const left = sheet.left.filter((path) => path !== from || from === "");
  const next = left.find((path) => order.indexOf(path) > index) ?? left[0];
  if (next !== undefined) {
    stopAt(next);
    await show();
  } else if (sheet.left.length) {
    stopAt(sheet.left[0]);
    await show();
  } else {
    await nextDocument();
  }
}

async function accept() {
  const stop = current();
  if (!stop) return;
  const path = stop.kind === "table" ? stop.table.unit : stop.path;
  await sayAndGoOn("accept", {}, path);
}

async function correctWith(text, spot) {
  const stop = current();
  if (!stop || stop.kind === "document") {
    throw { error: "Choose a field first: words are taken as its value." };
  }
  if (stop.kind === "table") {
    if (!currentCell()) throw { error: "Add a row first (r)." };
    const place = await say("correct", { text, ...spot });
    stopAt(place);
    await show();
  } else {
    await sayAndGoOn("correct", { text, ...spot });
  }
}

async function saveEdit(text) {
  const thing = currentThing();
  if (text.trim() === "" && thing && thing.value !== null) {
    await absent();
  } else if (text.trim() === "" || (thing && text === String(thing.value ?? ""))) {
    state.isEditing = false;
    await show();
  } else {
    await correctWith(text, {});
  }
}

async function absent() {
  const stop = current();
  if (stop.kind === "document") return;
  if (stop.kind === "field") await sayAndGoOn("absent");
  else if (currentCell()) {
    const place = await say("absent");
    stopAt(place);
    await show();
  } else await sayAndGoOn("absent", {}, stop.table.unit);
}

async function removeRow() {
  const stop = current();
  if (stop.kind !== "table" || !stop.table.rows.length) return;
  const [row, column] = state.cell;
  await say("absent", {}, `${stop.path}[${row}]`);
  stopAt(stop.path);
  state.cell = [Math.min(row, Math.max(0, current().table.rows.length - 1)), column];
  await show();
}

function addRow() {
  const stop = current();
  if (!stop || stop.kind !== "table") return;
  const { table } = stop;
  const index = table.rows.length;
  const path = (name) => `${stop.path}[${index}]${name ? `.${name}` : ""}`;
  table.rows.push(
    table.columns.map(({ name }) => ({
      path: path(name), value: null, status: "absent", confidence: 0, spot: null,
      readings: [], note: "", said: null, raw: null,
    })),
  );
  state.cell = [index, shownColumns(table)[0] ?? 0];
  show();
}

async function undo() {
  const sha = state.history.pop() || state.sheet.sha256;
  const fresh = await askJson("api/undo", { sha256: sha });
  calm();
  state.isEditing = false;
  take(fresh);
  stopAt(fresh.undone);
  await show();
}

function move(rows, columns) {
  const stop = current();
  if (stop && stop.kind === "table" && stop.table.rows.length) {
    const shown = shownColumns(stop.table);
    const [row, column] = state.cell;
    const at = Math.max(0, shown.indexOf(column));
    const nextRow = row + rows;
    if (nextRow >= 0 && nextRow < stop.table.rows.length) {
      const nextColumn = Math.min(shown.length - 1, Math.max(0, at + columns));
      state.cell = [nextRow, shown[nextColumn]];
      return show();
    }
  }
  if (!rows) return undefined;
  state.stop = Math.min(state.stops.length - 1, Math.max(0, state.stop + rows));
  const next = current();
  const isUp = rows < 0 && next && next.kind === "table";
  state.cell = [isUp ? Math.max(0, next.table.rows.length - 1) : 0, 0];
  if (next && next.kind === "table") state.cell[1] = shownColumns(next.table)[0] ?? 0;
  return show();
}

function nextDoubt(step) {
  const { left } = state.sheet;
  if (!left.length) return undefined;
  const here = current() ? (current().table ? current().table.unit : current().path) : "";
  const index = left.indexOf(here);
  stopAt(left[(index + step + left.length) % left.length]);
  return show();
}

// --- drawing the fields --------------------------------------------------------------------------

async function show() {
  showAbout();
  showFields();
  showProgress();
  await showPage();
}

function showAbout() {
  const { sheet } = state;
  const name = sheet.path.split("/").pop();
  const head = make("h1", "");
  head.append(printed(name));
  const status = make("span", `status ${sheet.status}`, sheet.status);
  head.append(" ", status);
  byId("about").replaceChildren(head);
  const who = sheet.reviewed ? `reviewed by ${sheet.reviewed.by.join(", ")}` : "";
  if (who) byId("about").append(make("p", "quiet", who));
  const items = sheet.reasons.slice(0, 6).map((reason) => {
    const item = make("li");
    item.append(printed(reason.text));
    item.addEventListener("click", () => { stopAt(reason.paths[0]); show(); });
    return item;
  });
  if (!items.length) items.push(make("li", "quiet", "Nothing is in doubt here. n: next document"));
  byId("reasons").replaceChildren(...items);
}

function showFields() {
  const { sheet, stops } = state;
  const left = new Set(sheet.left);
  const parts = [];
  let group = null;
  stops.forEach((stop, index) => {
    const isHere = index === state.stop;
    if (stop.kind === "table") {
      group = null;
      parts.push(tableOf(stop, isHere, left.has(stop.table.unit), index));
      return;
    }
    const dot = stop.path.lastIndexOf(".");
    const prefix = dot < 0 ? "" : stop.path.slice(0, dot);
    if (prefix !== group && prefix) parts.push(make("h2", "", prefix));
    group = prefix;
    parts.push(stop.kind === "document" ? wholeOf(isHere, index) : rowOf(stop, isHere, left, index));
  });
  byId("fields").replaceChildren(...parts);
  const hidden = sheet.fields.filter((field) => field.status === "absent").length;
  byId("more").textContent = `${state.showsAbsent ? "hide" : "show"} ${hidden} fields that were not found (a)`;
  const input = document.querySelector("#edit");
  if (input) { input.focus(); input.select(); }
  const here = document.querySelector(".here");
  if (here) here.scrollIntoView({ block: "nearest" });
}

function wholeOf(isHere, index) {
  const row = make("div", `field doubted${isHere ? " here" : ""}`);
  row.append(make("span", "sign", "?"), make("span", "name", "the document"), make("span", "value", "Enter: looked at it, nothing is left"));
  row.addEventListener("click", () => { state.stop = index; show(); });
  return row;
}

function rowOf(stop, isHere, left, index) {
  const { field } = stop;
  const isDoubted = left.has(stop.path);
  const row = make("div", `field ${field.status}${isHere ? " here" : ""}${isDoubted ? " doubted" : ""}`);
  row.dataset.path = stop.path;
  if (field.help) row.title = field.help;
  row.append(make("span", "sign", SIGNS[field.status] || ""));
  row.append(make("span", "name", stop.path.split(".").pop()));
  if (isHere && state.isEditing) row.append(editorOf(field));
  else row.append(field.value === null ? make("span", "value none", "not there") : printed(String(field.value), "value"));
  row.append(make("span", "status-name", statusOf(field)));
  row.addEventListener("click", () => {
    if (state.stop === index && state.isEditing) return;
    state.stop = index; state.isEditing = false; show();
  });
  row.addEventListener("dblclick", () => { state.stop = index; startEdit(); });
  if (isHere && !state.isEditing) row.append(detailOf(field));
  return row;
}

function statusOf(thing) {
  if (thing.said) return `${thing.said.action === "absent" ? "not there" : "confirmed"}: ${thing.said.by}`;
  if (thing.value === null) return "";
  return `${thing.status} ${Math.round(100 * thing.confidence)} %`;
}

function detailOf(thing) {
  const detail = make("div", "detail");
  if (thing.raw && thing.raw !== thing.value) detail.append(make("span", "quiet", "printed as "), printed(thing.raw), " ");
  if (thing.note) detail.append(printed(thing.note, "quiet note"), " ");
  thing.readings.forEach((reading) => {
    const button = make("button", "choice");
    button.append(printed(reading));
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      inTurn(() => correctWith(reading, thing.spot ? { ...thing.spot, quote: thing.raw } : {}));
    });
    detail.append(button);
  });
  if (thing.said && thing.said.read !== thing.value && thing.said.read !== null) {
    detail.append(make("span", "quiet", "was read as "), printed(String(thing.said.read)));
  }
  return detail;
}

function editorOf(thing) {
  const column = current().kind === "table" ? current().table.columns[state.cell[1]] : thing;
  const choices = column.choices || [];
  const input = make("input", "editor");
  input.id = "edit";
  input.dir = "auto";
  input.value = state.draft ?? thing.value ?? "";
  input.autocomplete = "off";
  input.spellcheck = false;
  input.setAttribute("aria-label", currentPath());
  if (choices.length) {
    const list = make("datalist");
    list.id = "choices";
    choices.forEach((choice) => { const item = make("option"); item.value = choice; list.append(item); });
    input.setAttribute("list", "choices");
    const both = make("span", "value");
    both.append(input, list);
    return both;
  }
  return input;
}

function tableOf(stop, isHere, isDoubted, index) {
  const { table } = stop;
  const box = make("div", `table${isHere ? " here-table" : ""}${isDoubted ? " doubted" : ""}`);
  const head = make("h2", "", `${stop.path}  (${table.rows.length} row${table.rows.length === 1 ? "" : "s"})`);
  box.append(head);
  if (isHere) box.append(make("p", "quiet", "Enter: all of it is right · e: edit the cell · click words of the page · r: add a row"));
  const grid = make("table");
  const shown = shownColumns(table);
  const titles = make("tr");
  titles.append(make("th", "", "#"), ...shown.map((c) => make("th", "", table.columns[c].name || "value")));
  grid.append(titles);
  table.rows.forEach((row, r) => {
    const line = make("tr");
    line.append(make("th", "", String(r)));
    shown.forEach((c) => line.append(cellOf(row[c], isHere && r === state.cell[0] && c === state.cell[1], index, r, c)));
    grid.append(line);
  });
  const scroll = make("div", "grid");
  scroll.append(grid);
  box.append(scroll);
  const cell = isHere && !state.isEditing ? currentCell() : null;
  if (cell) box.append(detailOf(cell));
  if (!table.rows.length) head.addEventListener("click", () => { state.stop = index; show(); });
  return box;
}

function cellOf(cell, isHere, index, r, c) {
  const element = make("td", `${cell.status}${isHere ? " here" : ""}`);
  element.dataset.path = cell.path;
  if (isHere && state.isEditing) element.append(editorOf(cell));
  else {
    const sign = SIGNS[cell.status];
    if (cell.value !== null && sign) element.append(make("span", "sign", sign));
    if (cell.value !== null) element.append(printed(String(cell.value)));
  }
  element.title = statusOf(cell);
  const here = () => { state.stop = index; state.cell = [r, c]; };
  element.addEventListener("click", () => {
    if (isHere && state.isEditing) return;
    here(); state.isEditing = false; show();
  });
  element.addEventListener("dblclick", () => { here(); startEdit(); });
  return element;
}

function startEdit(draft) {
  const stop = current();
  if (!stop || stop.kind === "document" || (stop.kind === "table" && !currentCell())) return;
  state.draft = draft;
  state.isEditing = true;
  showFields();
  state.draft = undefined;
}

// --- drawing the page ----------------------------------------------------------------------------

async function picture(sha, number) {
  const key = `${sha}/${number}`;
  if (!state.pictures.has(key)) {
    const where = `${encodeURIComponent(sha)}/${number}`;
    const found = (async () => {
      const response = await ask(`api/picture/${where}`);
      const url = URL.createObjectURL(await response.blob());
      return { url, words: await askJson(`api/words/${where}`) };
    })();
    state.pictures.set(key, found);
    found.catch(() => state.pictures.delete(key));
    if (state.pictures.size > 12) forgetOldest();
  }
  return state.pictures.get(key);
}

function forgetOldest() {
  const [key, old] = state.pictures.entries().next().value;
  state.pictures.delete(key);
  old.then(({ url }) => URL.revokeObjectURL(url), () => {});
}

async function showPage() {
  const thing = currentThing();
  if (thing && thing.spot) state.page = thing.spot.page;
  else if (state.pageOf !== state.sheet.sha256) state.page = state.sheet.first_page;
  state.pageOf = state.sheet.sha256;
  await drawPage();
}

async function drawPage() {
  const { sheet, page } = state;
  const last = lastPage(sheet);
  const of = sheet.first_page === 1 ? last : `${sheet.first_page} to ${last}`;
  byId("page-number").textContent = `page ${page} of ${of}`;
  const key = `${sheet.sha256}/${page}`;
  const trouble = byId("trouble");
  try {
    if (state.drawn !== key) byId("boxes").replaceChildren();
    const found = await picture(sheet.sha256, page);
    if (state.sheet.sha256 !== sheet.sha256 || state.page !== page) return;
    trouble.hidden = true;
    byId("scroll").hidden = false;
    state.words = found.words;
    const image = byId("picture");
    if (state.drawn !== key) {
      image.src = found.url;
      await image.decode().catch(() => {});
      state.drawn = key;
    }
    drawBoxes();
    bringIntoSight();
  } catch (problem) {
    state.words = [];
    state.drawn = null;
    byId("scroll").hidden = true;
    trouble.textContent = `${problem.error || problem} ${problem.hint || ""}`;
    trouble.hidden = false;
  }
}

function put(element, box) {
  const [left, top, right, bottom] = box;
  Object.assign(element.style, {
    left: `${100 * left}%`, top: `${100 * top}%`,
    width: `${100 * (right - left)}%`, height: `${100 * (bottom - top)}%`,
  });
  return element;
}

function drawBoxes() {
  const { sheet } = state;
  const here = currentThing();
  const parts = [];
  const add = (thing, isCell) => {
    if (!thing.spot || thing.spot.page !== state.page) return;
    const isHere = here && thing.path === here.path;
    parts.push(put(make("div", `box ${thing.status}${isHere ? " at" : ""}${isCell ? " cell" : ""}`), thing.spot.box));
  };
  sheet.fields.forEach((field) => add(field, false));
  sheet.tables.forEach((table) => table.rows.forEach((row) => row.forEach((cell) => add(cell, true))));
  parts.push(make("div", "hover"), make("div", "rubber"));
  byId("boxes").replaceChildren(...parts);
  document.querySelector(".hover").hidden = true;
  document.querySelector(".rubber").hidden = true;
}

function setZoom() {
  byId("paper").style.width = `${100 * (state.isClose ? 2.2 : state.zoom)}%`;
}

function bringIntoSight() {
  setZoom();
  const at = document.querySelector(".box.at");
  if (at) at.scrollIntoView({ block: "center", inline: "center" });
}

function lastPage(sheet) {
  return sheet.first_page + Math.max(1, sheet.num_pages) - 1;
}

function turnPage(step) {
  const page = state.page + step;
  if (page < state.sheet.first_page || page > lastPage(state.sheet)) return;
  state.page = page;
  inTurn(drawPage);
}

// --- pointing at words ---------------------------------------------------------------------------

function placeOf(event) {
  const frame = byId("picture").getBoundingClientRect();
  return [(event.clientX - frame.left) / frame.width, (event.clientY - frame.top) / frame.height];
}

function wordAt([x, y]) {
  return state.words.find(([, l, t, r, b]) => x >= l && x <= r && y >= t && y <= b);
}

function wordsIn([l, t, r, b]) {
  return state.words.filter(([, wl, wt, wr, wb]) => {
    const x = (wl + wr) / 2;
    const y = (wt + wb) / 2;
    return x >= l && x <= r && y >= t && y <= b;
  });
}

function unionOf(words) {
  return [1, 2, 3, 4].map((edge) => {
    const found = words.map((word) => word[edge]);
    return edge < 3 ? Math.min(...found) : Math.max(...found);
  });
}

function assign(words) {
  if (!words.length) return;
  const quote = words.map(([text]) => text).join(" ");
  const spot = { page: state.page, box: unionOf(words), quote };
  inTurn(() => correctWith(quote, spot));
}

let start = null;
function rectangle(event) {
  const [x, y] = placeOf(event);
  const clamp = (value) => Math.min(1, Math.max(0, value));
  return [Math.min(start[0], x), Math.min(start[1], y), Math.max(start[0], x), Math.max(start[1], y)].map(clamp);
}

function watchPointer() {
  const paper = byId("paper");
  paper.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    start = placeOf(event);
    paper.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  paper.addEventListener("pointermove", (event) => {
    const hover = document.querySelector(".hover");
    const rubber = document.querySelector(".rubber");
    if (!hover) return;
    if (start) {
      rubber.hidden = false;
      put(rubber, rectangle(event));
      return;
    }
    const word = wordAt(placeOf(event));
    hover.hidden = !word;
    if (word) put(hover, word.slice(1));
  });
  paper.addEventListener("pointerup", (event) => {
    if (!start) return;
    const area = rectangle(event);
    start = null;
    document.querySelector(".rubber").hidden = true;
    const isClick = area[2] - area[0] < 0.004 && area[3] - area[1] < 0.004;
    const word = wordAt(placeOf(event));
    assign(isClick ? (word ? [word] : []) : wordsIn(area));
  });
  paper.addEventListener("pointercancel", () => { start = null; });
}

// --- keys ----------------------------------------------------------------------------------------

const KEYS = {
  Enter: () => inTurn(accept),
  e: () => inTurn(() => startEdit()),
  Delete: () => inTurn(absent),
  Backspace: () => inTurn(absent),
  s: () => inTurn(() => sayAndGoOn("skip", {}, current().table ? current().table.unit : current().path)),
  u: () => inTurn(undo),
  r: () => inTurn(addRow),
  d: () => inTurn(() => sayAndGoOn("accept", {}, "")),
  n: () => inTurn(() => go(1)),
  p: () => inTurn(() => go(-1)),
  ArrowDown: () => inTurn(() => move(1, 0)),
  ArrowUp: () => inTurn(() => move(-1, 0)),
  ArrowRight: () => inTurn(() => move(0, 1)),
  ArrowLeft: () => inTurn(() => move(0, -1)),
  Tab: () => inTurn(() => nextDoubt(1)),
  a: () => { state.showsAbsent = !state.showsAbsent; const path = currentPath(); layOut(); stopAt(path); inTurn(show); },
  z: () => { state.isClose = !state.isClose; bringIntoSight(); },
  "+": () => { state.isClose = false; state.zoom = Math.min(4, state.zoom * 1.25); bringIntoSight(); },
  "-": () => { state.isClose = false; state.zoom = Math.max(0.4, state.zoom / 1.25); bringIntoSight(); },
  "[": () => turnPage(-1),
  "]": () => turnPage(1),
  "?": () => byId("keys").showModal(),
  Escape: () => calm(),
};

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || byId("keys").open || !state.sheet) return;
  if (event.target.id === "edit") {
    if (event.key === "Enter") {
      const text = event.target.value;
      event.preventDefault();
      inTurn(() => saveEdit(text));
    } else if (event.key === "Escape") {
      state.isEditing = false;
      calm();
      inTurn(show);
    }
    return;
  }
  const choice = (state.choices || [])[Number(event.key) - 1];
  if (choice) {
    choose(choice);
  } else if (event.key === "Delete" && event.shiftKey) {
    inTurn(removeRow);
  } else if (event.key === "Tab" && event.shiftKey) {
    inTurn(() => nextDoubt(-1));
  } else if (KEYS[event.key]) {
    KEYS[event.key]();
  } else {
    return;
  }
  event.preventDefault();
}

function begin() {
  document.addEventListener("keydown", onKey);
  byId("previous").addEventListener("click", KEYS.p);
  byId("next").addEventListener("click", KEYS.n);
  byId("show-keys").addEventListener("click", KEYS["?"]);
  byId("close-keys").addEventListener("click", () => byId("keys").close());
  byId("more").addEventListener("click", KEYS.a);
  byId("page-back").addEventListener("click", KEYS["["]);
  byId("page-on").addEventListener("click", KEYS["]"]);
  byId("zoom-in").addEventListener("click", KEYS["+"]);
  byId("zoom-out").addEventListener("click", KEYS["-"]);
  // A button that keeps the focus would take the next Enter for itself.
  document.addEventListener("click", (event) => { if (event.target.closest("button")) document.activeElement.blur(); });
  watchPointer();
  watchQueue().catch(complain);
}

begin();
