/* The room: keys, forms sent without leaving the page, timer, other screens. Everything here also works by plain
   forms. A form whose answer was lost is sent again with the same token: the server carries it out once. */
(() => {
  "use strict";
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const tools = window.casework;
  const place = () => one("[data-salle], [data-suivre]");
  if (!place() || !tools) {
    bindOutcomes();
    return;
  }
  const projected = Boolean(one("[data-salle]"));
  const wait = (ms) => new Promise((done) => { setTimeout(done, ms); });
  const PARTS = projected ? [".cw-room-title", ".cw-room-clock", "#contenu"] : ["[data-suivre]"];
  let sending = false;
  let turn = 0; // a page asked before something was sent is already old when it comes
  let offset = 0;
  let changedAt = 0; // when another line came: a second G in the same breath is a slip, not an order

  /* One page into another: only the parts that change. ------------------------------------------------------------ */
  function put(html, url) {
    const page = new DOMParser().parseFromString(html, "text/html");
    if (!one("[data-salle], [data-suivre]", page)) { location.assign(url); return; }
    const kept = document.activeElement && document.activeElement.name;
    const title = () => (one(".cw-room-title") || {}).textContent;
    const before = title();
    const gaps = Boolean(one("[data-gaps][open]"));
    PARTS.forEach((selector) => {
      const old = one(selector);
      const fresh = one(selector, page);
      if (old && fresh) { old.replaceWith(document.importNode(fresh, true)); }
    });
    PARTS.forEach((selector) => { const part = one(selector); if (part) document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: part } })); });
    if (projected && url) history.replaceState(null, "", url);
    const moved = title() !== before;
    if (moved) changedAt = Date.now();
    else if (gaps && one("[data-gaps]")) one("[data-gaps]").open = true;
    ready(moved ? "" : kept);
  }

  function ready(kept) {
    bindOutcomes();
    setClock();
    tick();
    const error = one("[data-salle] [data-errors]");
    const wrong = one("[data-salle] [aria-invalid=true]");
    if (wrong) wrong.focus();
    else if (error) error.focus();
    else if (kept && kept.startsWith("d-")) { const field = one("[name=d-who]"); if (field) field.focus(); }
  }

  function saved(text, failing = false) {
    const note = one("[data-saved]");
    if (note && projected) { note.textContent = text; note.classList.toggle("is-failing", failing); }
  }

  async function send(form, button) {
    if (sending) return;
    sending = true;
    turn += 1;
    hide();
    saved("envoi…");
    const data = new URLSearchParams(new FormData(form));
    if (button && button.name) data.append(button.name, button.value);
    form.dispatchEvent(new CustomEvent("mr:sent"));
    for (let attempt = 0; ; attempt += 1) {
      try {
        // What is being typed in the other forms is kept before the page changes.
        await Promise.race([tools.flush(), wait(1500)]);
        const answer = await fetch(form.action, { method: "POST", body: data, credentials: "same-origin", headers: { "X-Requested-With": "fetch" } });
        if (answer.status === 401) { blank(); sending = false; return; }
        if (answer.status === 503 || answer.status >= 500) throw new Error("server");
        const html = await answer.text();
        tools.network.found();
        sending = false;
        put(html, answer.url.includes("/salle/?") || answer.url.endsWith("/salle/") ? answer.url : location.href);
        saved(answer.ok ? `enregistré ✓ ${tools.clock()}` : "à corriger", !answer.ok);
        return;
      } catch {
        tools.network.lost();
        saved("pas encore enregistré : nouvel essai…", true);
        await wait(Math.min(2000 * (attempt + 1), 10000));
      }
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("form[data-reveal]")) { event.preventDefault(); event.stopImmediatePropagation(); return; }
    if (!projected || !form.matches("form[data-room]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    send(form, event.submitter);
  }, true);
  document.addEventListener("change", (event) => { if (event.target.matches("select[data-auto]")) event.target.form.requestSubmit(); });
  const submit = (form) => { if (form) form.requestSubmit(); };

  document.addEventListener("click", (event) => {
    const link = event.target.closest(".mr-strip li a, .mr-arrows a");
    if (!link || !projected || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(link.href);
  });

  async function go(url) {
    if (sending) return;
    hide();
    const mine = turn;
    try {
      await Promise.race([tools.flush(), wait(1500)]);
      const answer = await fetch(url, { credentials: "same-origin", headers: { "X-Requested-With": "fetch" } });
      if (answer.status === 401) { blank(); return; }
      if (!answer.ok) { location.assign(url); return; }
      const html = await answer.text();
      if (mine !== turn) return;
      put(html, url);
      tools.network.found();
    } catch { tools.network.lost(); }
  }

  /* The name: as long as the key, or the button, is held. ----------------------------------------------------------- */
  let holding = 0;
  async function reveal() {
    const form = one("form[data-reveal]");
    const box = one("[data-name]");
    if (!form || !box || holding) return;
    holding += 1;
    const mine = (reveal.turn = (reveal.turn || 0) + 1);
    try {
      const answer = await tools.post(form.action, new URLSearchParams(new FormData(form)));
      if (answer.status === 401) { blank(); return; }
      const html = await answer.text();
      if (!holding || mine !== reveal.turn || ![200, 409].includes(answer.status)) return;
      box.innerHTML = html;
      box.hidden = false;
    } catch { tools.network.lost(); }
  }
  function hide() {
    holding = 0;
    const box = one("[data-name]");
    if (box) { box.hidden = true; box.textContent = ""; }
  }
  document.addEventListener("pointerdown", (event) => { if (event.target.closest("[data-reveal] button")) reveal(); });
  ["pointerup", "pointercancel", "blur", "pagehide"].forEach((name) => window.addEventListener(name, hide));
  document.addEventListener("visibilitychange", () => { if (document.hidden) hide(); });
  document.addEventListener("keyup", (event) => { if (event.key.toLowerCase() === "n" || event.key === " " || event.key === "Enter") hide(); });
  document.addEventListener("keydown", (event) => {
    if (event.target.closest && event.target.closest("[data-reveal] button") && (event.key === " " || event.key === "Enter")) {
      event.preventDefault();
      if (!event.repeat) reveal();
    }
  });

  /* Keys. ------------------------------------------------------------------------------------------------------------ */
  const typing = (target) => target.closest && target.closest("input:not([type=radio]):not([type=checkbox]), select, textarea");
  document.addEventListener("keydown", (event) => {
    if (!projected || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || one("dialog[open]")) return;
    const target = event.target;
    if (event.key === "Escape") { if (typing(target)) target.blur(); hide(); return; }
    // G is no service's letter: typed in an empty « qui », it still means « on garde ».
    const nothing = (target.name || "").startsWith("d-") && all("[name^=d-]", target.form).every((field) => !field.value);
    const keeps = event.key.toLowerCase() === "g" && target.name === "d-who" && nothing;
    if (nothing && event.key === "Enter") { event.preventDefault(); saved("aucune décision à ajouter"); return; }
    if (typing(target) && !keeps) return;
    const group = target.closest && target.closest("[data-result]");
    if (group && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
      const buttons = all("button", group);
      const next = buttons[buttons.indexOf(target) + (event.key === "ArrowRight" ? 1 : -1)];
      event.preventDefault();
      if (next) next.focus();
      return;
    }
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code || "");
    const key = event.key.toLowerCase();
    if (key === "?") { event.preventDefault(); event.stopImmediatePropagation(); one("#mr-keys").showModal(); return; }
    if (event.repeat && (key === "g" || key.length === 1)) { event.preventDefault(); return; }
    if (event.key === "ArrowRight" || event.key === "ArrowDown") { const link = one("[data-after]"); event.preventDefault(); event.stopImmediatePropagation(); if (link) go(link.href); return; }
    if (event.key === "ArrowLeft" || event.key === "ArrowUp") { const link = one("[data-before]"); event.preventDefault(); event.stopImmediatePropagation(); if (link) go(link.href); return; }
    if (key === "g") { event.preventDefault(); if (Date.now() - changedAt > 600) submit(one("form[data-keep]")); return; }
    if (key === "n") { event.preventDefault(); reveal(); return; }
    if (key === "s" && one("[name=r-outcome]")) { event.preventDefault(); one("[name=r-outcome]").focus(); return; }
    if (digit && one(`[data-result="${digit[1]}"] button`)) { event.preventDefault(); one(`[data-result="${digit[1]}"] button`).focus(); return; }
    const question = one("form[data-question]");
    if (question && digit && all("[type=radio]", question)[digit[1] - 1]) { event.preventDefault(); all("[type=radio]", question)[digit[1] - 1].click(); return; }
    if (question && event.key === "Enter" && one("[type=radio]:checked", question)) { event.preventDefault(); submit(question); return; }
    if (event.key === "Enter" && !(target.closest && target.closest("a, button, summary"))) {
      event.preventDefault();
      const main = one("form[data-main]");
      if (main) submit(main);
      else if (one("[name=d-who]")) one("[name=d-who]").focus();
      return;
    }
    if (/^[a-z]$/.test(key)) {
      const letter = one(`[data-letter="${key.toUpperCase()}"]`);
      if (letter) { event.preventDefault(); letter.form.requestSubmit(letter); }
    }
  }, true);
  // « Qui » is one letter: the next field comes by itself.
  document.addEventListener("input", (event) => {
    const field = event.target;
    if (field.name === "d-who" && field.value.length === 1 && (field.dataset.who || "").includes(field.value.toUpperCase())) {
      const next = one("[name=d-what]");
      if (next) next.focus();
    }
  });
  // The list of decisions may swallow Enter when it proposes: the next Enter sends. Nothing to do here.

  /* What the outcome needs, and nothing else. ------------------------------------------------------------------------- */
  function bindOutcomes() {
    all("select[name=r-outcome]").forEach((select) => {
      const form = select.closest("form");
      const show = () => all("[data-when]", form).forEach((part) => { part.hidden = !part.dataset.when.split(" ").includes(select.value); });
      if (!select.dataset.bound) {
        select.dataset.bound = "yes";
        select.addEventListener("change", show);
        form.addEventListener("cw:restored", show);
      }
      show();
    });
  }

  /* Clock and timer. --------------------------------------------------------------------------------------------------- */
  function setClock() {
    const timer = one("[data-timer]");
    if (timer) offset = Number(timer.dataset.now) * 1000 - Date.now();
  }
  function tick() {
    const clock = one("[data-clock]");
    if (clock) clock.textContent = tools.clock();
    const timer = one("[data-timer]");
    if (!timer || !timer.dataset.running) return;
    const seconds = Number(timer.dataset.spent) + (Date.now() + offset) / 1000 - Number(timer.dataset.since);
    const minutes = Math.max(0, Math.floor(seconds / 60));
    one("[data-used]", timer).textContent = minutes;
    timer.classList.toggle("is-over", minutes >= Number(timer.dataset.planned));
  }
  setInterval(tick, 5000);

  /* Other screens: a number is asked every three seconds, the page only when it changed. --------------------------------- */
  let locked = false;
  function blank() {
    if (locked) return;
    locked = true;
    hide();
    const cover = document.createElement("div");
    cover.className = "cw-room-blank mr-lock";
    const text = document.createElement("p");
    text.append("Réunion en pause. ");
    const link = document.createElement("a");
    link.className = "btn btn-primary btn-lg";
    link.href = place().dataset.lockPage;
    link.textContent = "Reprendre avec le code du téléphone";
    text.append(link);
    cover.append(text);
    document.body.append(cover);
    link.focus();
  }
  async function listen() {
    const here = place();
    if (!here || locked || document.hidden || sending) return;
    try {
      const answer = await fetch(here.dataset.pulseUrl, { credentials: "same-origin", headers: { "X-Requested-With": "fetch" } });
      if (answer.status === 401) { blank(); return; }
      if (!answer.ok) return;
      const { pouls } = await answer.json();
      tools.network.found();
      if (sending || String(pouls) === place().dataset.pulse) return;
      if (!projected) { go(location.href); return; }
      // The projector is where things are typed: never pull the page from under the fingers.
      if (!typing(document.activeElement || document.body) && !holding) go(location.href);
    } catch { tools.network.lost(); }
  }
  setInterval(listen, 3000);
  ready("");
})();
