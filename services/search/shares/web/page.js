"use strict";
const [title, about, state, progress, stage, terms, section] =
  ["h1", "#about", "#state", "progress", "#stage", "#terms", "section"].map((selector) => document.querySelector(selector));
const lines = section.querySelector("ol");
const UNFIT = "This link is not complete. Open the whole of it, just as it was sent to you.";
const AWAY = "This cannot be reached just now. It is tried again by itself.";
const BROKEN = "It does not play here just now. Load the page again, or open the link in another browser.";
const PATIENCE = 5;  // seconds between two tries when nobody answers, and between two renewals of an address
let player = null, place = 0, said = [], renewedAt = -Infinity, waiting, turn = 0;

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}
function clock(seconds) {
  const whole = Math.floor(seconds), two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600), rest = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}
function say(sentence) {
  state.textContent = sentence;
}
function clear() {
  [stage, terms, section, progress].forEach((part) => { part.hidden = true; });
  stage.replaceChildren();
  player = null;
}
function later(seconds) {
  clearTimeout(waiting);
  waiting = setTimeout(open, seconds * 1000);
}

async function asked() {
  const headers = { Authorization: `Share ${location.hash.slice(1)}` };
  const response = await fetch("/api/shared", { headers, cache: "no-store" });
  const told = await response.json().catch(() => ({}));
  return { told, ok: response.ok, passes: response.status === 429 || response.status >= 500,
    wait: Number(response.headers.get("Retry-After")) || PATIENCE };
}
async function open() {
  const mine = ++turn;
  clearTimeout(waiting);
  if (!/^#[\w-]+$/.test(location.hash)) { refuse(UNFIT); return; }
  let answer;
  try {
    answer = await asked();
  } catch {
    answer = { ok: false, passes: true, wait: PATIENCE, told: {} };
  }
  if (mine !== turn) return;
  if (answer.ok) { show(answer.told); return; }
  if (answer.passes) { clear(); say(AWAY); later(answer.wait); }
  else refuse(answer.told.detail ?? UNFIT);
}
function refuse(sentence) {
  clear();
  document.title = title.textContent = "Shared with you";
  about.hidden = true;
  say(sentence);
}

function show(told) {
  title.textContent = told.label || told.name;
  document.title = title.textContent;
  const span = told.starts === null ? "" : ` · ${clock(told.starts)} – ${clock(told.ends)}`;
  about.textContent = `${told.label ? told.name : ""}${told.label ? span : span.replace(" · ", "")}`;
  about.hidden = !about.textContent;
  clear();
  say(told.sentence ?? "");
  if (told.state === "preparing") {
    progress.hidden = false;
    if (told.progress === null) progress.removeAttribute("value"); else progress.value = told.progress;
    later(told.retry_after);
  }
  if (told.state !== "ready") return;
  stage.append(shown(told));
  stage.hidden = false;
  showTerms(told);
  showLines(told.lines ?? []);
}
function shown(told) {
  if (told.kind === "image") return element("img", { src: told.medium.url, alt: title.textContent });
  player = element(told.kind, { controls: true, preload: "metadata", src: told.medium.url, playsInline: true });
  if (told.poster) player.poster = told.poster;
  else player.src += "#t=0.001";  // or a telephone shows nothing before it plays
  if (told.medium.width) player.style.aspectRatio = `${told.medium.width} / ${told.medium.height}`;
  player.setAttribute("aria-label", title.textContent);
  player.addEventListener("error", renew);
  for (const moving of ["timeupdate", "seeking"]) player.addEventListener(moving, follow);
  place = 0;
  return player;
}
// An address works for some minutes: who pauses for longer gets a new one, and goes on where they were.
async function renew() {
  const mine = player, at = place, plays = !mine.paused;
  if (performance.now() - renewedAt < PATIENCE * 1000) { say(BROKEN); return; }
  renewedAt = performance.now();
  let answer;
  try {
    answer = await asked();
  } catch {
    say(AWAY);
    return;
  }
  if (mine !== player) return;
  if (!answer.ok || answer.told.state !== "ready") { open(); return; }
  mine.src = answer.told.medium.url;
  mine.currentTime = at;
  showTerms(answer.told);
  if (plays) mine.play().catch(() => {});  // who must press play again sees that
}
function showTerms(told) {
  const until = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "short" }).format(new Date(told.expires_at));
  terms.replaceChildren(element("span", {}, `This link works until ${until}.`));
  if (told.download) terms.append(element("a", { href: told.download, rel: "noreferrer" }, "Download"));
  terms.hidden = false;
}
function showLines(told) {
  said = told.map((line) => ({ ...line, item: element("li", {}, lineButton(line)) }));
  lines.replaceChildren(...said.map((line) => line.item));
  section.hidden = said.length === 0;
}
function lineButton(line) {
  const button = element("button", { type: "button" }, element("time", {}, clock(line.start)), element("span", {}, line.text));
  button.addEventListener("click", () => {
    if (!player) return;
    player.currentTime = line.start;
    player.play().catch(() => {});  // as above
  });
  return button;
}
function follow() {
  if (player.readyState === 0) return;  // an address that does not work has no place
  place = player.currentTime;
  for (const { start, end, item } of said) {
    if (start <= place && place < end) item.setAttribute("aria-current", "true");
    else item.removeAttribute("aria-current");
  }
}
addEventListener("hashchange", open);
open();
