"use strict";
const main = document.querySelector("main");
const views = Object.fromEntries(["sign-in", "search", "file"].map((id) => [id, document.getElementById(id)]));
const who = document.getElementById("who"), signIn = views["sign-in"], fault = signIn.querySelector(".fault");
const input = views.search.querySelector("input"), state = document.getElementById("state");
const moments = document.getElementById("moments");
const parts = views.file.querySelector(".parts"), back = views.file.querySelector(".back");
const FAILURES = {  // of a sign-in elsewhere, as the gateway names them
  not_set_up: "There is no such sign-in here. Sign in with your name and password.",
  provider_away: "The sign-in service cannot be reached just now. Try again in a minute.",
  provider_wrong: "The sign-in service gave an answer that cannot be used. Tell who looks after Spillway.",
  clocks_differ: "The clocks of Spillway and of the sign-in service differ. Tell who looks after Spillway.",
  denied: "The sign-in service did not let you in, or you went back. Try again.",
  begin_again: "That sign-in took too long, or was begun in another browser. Try again.",
  no_role: "Your account has no role in Spillway. Ask who looks after it for one.",
  disabled: "Your account is disabled in Spillway. Ask who looks after it to enable it.",
};
let latest = 0, answered = null, pause;

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
function split(path) {
  const folders = path.split(/[\\/]/);
  return { name: folders.pop(), folders };
}
function show(id) {
  for (const name in views) views[name].hidden = name !== id;
  main.classList.toggle("wide", id === "file");
  if (id !== "file") { parts.replaceChildren(); document.title = "Spillway"; }
}

// What the gateway says: its answer, or an error whose message is a sentence. Who is not known is asked to sign in.
async function ask(path, options) {
  let response, told;
  try {
    response = await fetch(path, options);
    told = response.status === 204 ? {} : await response.json();
  } catch {
    throw new Error(response ? "The gateway does not answer as it should." : "The gateway does not answer.");
  }
  if (response.ok) return told;
  const error = new Error(told.detail ?? "The gateway does not answer as it should.");
  error.status = response.status;
  error.wait = Number(response.headers.get("Retry-After")) || 0;
  if (error.status === 401 && options?.method !== "POST") askForName();
  throw error;
}

// Signing in
function known({ person }) {
  who.querySelector("span").textContent = person.display_name || person.name;
  who.hidden = false;
}
async function askForName() {
  if (!signIn.hidden) return;
  fault.textContent = who.hidden ? failure() : "Your session has ended. Sign in again, and go on where you were.";
  who.hidden = true;
  show("sign-in");
  moments.replaceChildren();
  answered = null;
  main.classList.remove("asked");
  (signIn.elements.name.value ? signIn.elements.password : signIn.elements.name).focus();
  const ways = await ask("/api/session/ways").catch(() => ({ password: true }));
  const link = signIn.querySelector(".elsewhere");
  signIn.querySelector(".by-password").hidden = !ways.password;
  link.hidden = !ways.oidc;
  if (!ways.oidc) return;
  link.textContent = `Sign in with ${ways.oidc.name}`;
  link.href = `${ways.oidc.login}?return_to=${encodeURIComponent(location.pathname + location.search)}`;
}
function failure() {
  const params = new URLSearchParams(location.search), reason = params.get("sign_in_error");
  if (!reason) return "";
  params.delete("sign_in_error");
  history.replaceState(null, "", params.size ? `/?${params}` : "/");
  return FAILURES[reason] ?? "You could not be signed in. Try again.";
}
async function sendPassword(event) {
  event.preventDefault();
  const { name, password } = signIn.elements, button = signIn.querySelector("button");
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify({ name: name.value.trim(), password: password.value });
  button.disabled = true;
  fault.textContent = "";
  try {
    await ask("/api/session", { method: "POST", headers, body });
    known(await ask("/api/session").catch(notKept));
    signIn.reset();
    button.disabled = false;
    route();
  } catch (error) {
    fault.textContent = error.message;
    password.select();
    await pauseFor(error.wait, button);
  }
}
function notKept(error) {  // what is sent by https only is not kept where there is none
  throw error.status === 401 ? new Error("Your browser does not keep the session: open Spillway by its https address.") : error;
}
async function pauseFor(seconds, button) {
  for (let left = seconds; left > 0; left--) {
    button.textContent = `Wait ${left} s`;
    await new Promise((done) => setTimeout(done, 1000));
  }
  button.textContent = "Sign in";
  button.disabled = false;
}
async function signOut() {
  try {
    const { csrf_token } = await ask("/api/session");
    await ask("/api/session", { method: "DELETE", headers: { "X-CSRF-Token": csrf_token } });
  } catch (error) {
    if (error.status !== 401) {
      who.querySelector("span").textContent = error.message;
      return;
    }
  }
  location.replace("/");
}

// Searching
function card(moment) {
  const { name, folders } = split(moment.path);
  const time = moment.start === null ? "whole file" : `${clock(moment.start)} – ${clock(moment.end ?? moment.start)}`;
  const text = element("div", { className: "text" });
  text.innerHTML = moment.snippet;  // escaped by the gateway, all but <mark>
  const place = ` · ${moment.field} · ${folders.slice(-3).join(" / ")}`;
  const where = element("div", { className: "where" }, element("span", { className: "time" }, time), place);
  const picture = moment.thumbnail ? element("img", { src: moment.thumbnail, alt: "", loading: "lazy" }) : moment.kind;
  const link = element("a", { className: "name", href: moment.link }, name);
  return element("li", {}, element("div", { className: "picture" }, picture), element("div", {}, link, where, text));
}
async function search() {
  const q = input.value.trim(), turn = ++latest;
  main.classList.toggle("asked", q !== "");
  back.href = q ? `/?q=${encodeURIComponent(q)}` : "/";
  history.replaceState(history.state, "", back.href);
  answered = null;
  if (!q) { moments.replaceChildren(); state.textContent = ""; return; }
  let answer;
  try {
    answer = await ask(`/api/search?q=${encodeURIComponent(q)}`);
  } catch (error) {
    if (turn === latest) { moments.replaceChildren(); state.textContent = error.message; }
    return;
  }
  if (turn !== latest) return;
  answered = q;
  const found = answer.moments, counted = found.length === 1 ? "1 moment" : `${found.length} moments`;
  moments.replaceChildren(...found.map(card));
  state.textContent = found.length ? `${counted} in ${answer.took_ms} ms` : "Nothing found.";
  if (answer.note) state.append(` ${answer.note}`);
}

// A file, at a moment
async function openFile(id, at) {
  const turn = ++latest;
  let file;
  try {
    file = await ask(`/api/files/${encodeURIComponent(id)}`);
  } catch (error) {
    if (turn !== latest || error.status === 401) return;
    file = null;
    parts.replaceChildren(element("p", { className: "fault" }, error.message));
  }
  if (turn !== latest) return;
  show("file");
  if (file) parts.replaceChildren(...pieces(file, at));
  parts.querySelector("h2")?.focus({ preventScroll: true });
  follow(at);
}
function pieces(file, at) {
  const { name } = split(file.path);
  document.title = `${name} – Spillway`;
  const size = file.width ? `${file.width} × ${file.height}` : null, day = file.captured_at?.slice(0, 10);
  const facts = [file.kind, file.duration && clock(file.duration), size, day, file.camera].filter(Boolean).join(" · ");
  const left = element("div", {}, element("div", { className: "shown" }, shown(file, name, at)));
  const gone = file.missing_since ? ["The file is not where it was; what was made of it is kept."] : [];
  const notes = [facts, file.path, ...gone].map((note) => element("p", { className: "facts" }, note));
  left.append(element("h2", { tabIndex: -1 }, name), ...notes);
  const segments = file.transcript?.segments ?? [];
  return segments.length ? [left, element("section", { ariaLabel: "Transcript" }, said(segments))] : [left];
}
function shown(file, name, at) {
  const made = file.renditions, bytes = (rendition) => `/api/files/${file.id}/renditions/${rendition}`;
  if (file.kind === "image" && (made.image || made.thumbnail)) {
    return element("img", { src: bytes(made.image ? "image" : "thumbnail"), alt: name });
  }
  if (!made.proxy) return element("p", {}, `It cannot be played${file.stages.proxy === "pending" ? " yet" : ""}: ${why(file)}`);
  const player = element(file.kind === "audio" ? "audio" : "video", { controls: true, preload: "metadata", ariaLabel: name });
  if (made.thumbnail) player.poster = bytes("thumbnail");
  player.src = `${bytes("proxy")}#t=${at}`;
  player.addEventListener("timeupdate", () => follow(player.currentTime));
  player.addEventListener("error", () => {  // the link behind it works for an hour; then a new one is asked for
    if (player.currentTime) player.src = `${bytes("proxy")}#t=${player.currentTime}`;
    else player.replaceWith(element("p", {}, "It cannot be played here; the file may be gone from the object store."));
  });
  return player;
}
function why(file) {
  return file.reasons.proxy ?? (file.stages.proxy === "pending" ? "its proxy is being made." : "it has no proxy.");
}
function said(segments) {
  const lines = segments.map((segment) => {
    const words = segment.speaker ? `${segment.speaker}: ${segment.text}` : segment.text;
    const time = element("span", { className: "time" }, clock(segment.start));
    const line = element("button", { type: "button", tabIndex: -1 }, time, element("span", {}, words));
    line.dataset.start = segment.start;
    return line;
  });
  const box = element("div", { className: "said" }, ...lines);
  box.addEventListener("click", (event) => seek(event.target.closest("button")));
  box.addEventListener("keydown", (event) => {
    const next = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (!next) return;
    event.preventDefault();
    event.target[next]?.focus();
  });
  return box;
}
function seek(line) {
  const player = parts.querySelector("video, audio");
  if (!line || !player) return;
  const at = Number(line.dataset.start), params = new URLSearchParams(location.search);
  params.set("t", at);
  history.replaceState(history.state, "", `/?${params}`);
  player.currentTime = at;
  player.play().catch(() => follow(at));
}
function follow(at) {
  const box = parts.querySelector(".said");
  if (!box) return;
  const lines = [...box.children], now = lines.findLast((line) => Number(line.dataset.start) <= at + 0.05) ?? lines[0];
  if (now.ariaCurrent) return;
  for (const line of lines) { line.tabIndex = -1; line.ariaCurrent = null; }
  now.tabIndex = 0;
  now.ariaCurrent = "true";
  if (!box.matches(":hover")) box.scrollTo({ top: now.offsetTop - box.clientHeight / 3 });
}

// Where we are
function route() {
  clearTimeout(pause);
  const params = new URLSearchParams(location.search), file = params.get("file"), q = params.get("q") ?? "";
  if (file) return openFile(file, Math.max(0, Number(params.get("t")) || 0));
  show("search");
  if (input.value.trim() !== q) input.value = q;
  if (q !== answered) search();
  else { latest++; main.classList.toggle("asked", Boolean(q)); }
  if (!q) input.focus();
}
function leadsHere(event) {
  const link = event.target.closest("a.name, a.back, h1 a");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (link === back && history.state?.from) return history.back();
  history.pushState({ from: link.className === "name" }, "", link.href);
  route();
  if (link.className === "name") scrollTo(0, 0);
}
document.addEventListener("click", leadsHere);
addEventListener("popstate", route);
signIn.addEventListener("submit", sendPassword);
who.querySelector("button").addEventListener("click", signOut);
input.form.addEventListener("submit", (event) => { event.preventDefault(); clearTimeout(pause); search(); });
input.addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(search, 250); });
ask("/api/session").then((told) => { known(told); route(); }, (error) => {
  if (error.status === 401) return;
  show("search");
  state.textContent = error.message;
});
