/* Casework in the browser. Every page works without this file; it saves work, keeps time and obeys the keyboard.
   Parts are bound to data attributes: data-autosave, data-hide-names, data-list, data-confirm, data-menu, data-idle,
   data-print, data-copy, data-count, data-search. Nothing is ever written to the browser's storage. */
(() => {
  "use strict";
  try { window.sessionStorage.clear(); } catch { /* refused: nothing to clear */ } // htmx notes the path of the page
  const body = document.body;
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const clock = (date = new Date()) => date.toLocaleTimeString("fr-FR", { hour: "2-digit", minute: "2-digit" });

  const post = (url, fields = {}) => {
    const data = fields instanceof URLSearchParams ? fields : new URLSearchParams(fields);
    return fetch(url, {
      method: "POST", body: data, credentials: "same-origin", redirect: "manual",
      headers: { "X-CSRFToken": body.dataset.csrf || "", "X-Requested-With": "fetch" },
    });
  };

  /* The network: say when it is gone, say when it is back. ------------------------------------------------------- */
  const network = {
    down: false,
    show(text) { all("[data-net]").forEach((place) => { place.textContent = text; place.hidden = !text; }); },
    lost() { this.down = true; this.show("Réseau coupé : votre texte reste à l’écran, nouvel essai dans quelques secondes."); },
    found() {
      if (!this.down) return;
      this.down = false;
      this.show("Réseau rétabli.");
      setTimeout(() => { if (!this.down) this.show(""); }, 4000);
    },
  };
  window.addEventListener("offline", () => network.lost());

  /* Drafts: one second after the last key and on leaving a field, to the server. ---------------------------------- */
  const NOT_KEPT = ["csrfmiddlewaretoken", "once", "draft_for"];
  class Draft {
    constructor(form) {
      this.form = form;
      this.url = form.dataset.autosaveUrl || `/brouillons/${form.dataset.autosave}`;
      this.sent = this.snapshot().toString();
      this.timer = 0;
      this.wait = 0;
      this.busy = null;
      form.addEventListener("input", () => this.later(1000));
      form.addEventListener("change", () => this.later(0));
      form.addEventListener("focusout", () => this.later(0));
      form.addEventListener("submit", () => { clearTimeout(this.timer); this.closed = true; });
      window.addEventListener("pageshow", () => { this.closed = false; });
      if (!one("[data-errors]", form) && form.dataset.restore !== "no") this.restore();
    }
    async restore() {
      let found;
      try {
        const answer = await fetch(this.url, { credentials: "same-origin", headers: { "X-Requested-With": "fetch" } });
        found = answer.ok ? await answer.json() : null;
      } catch { return; }
      if (!found || !found.found || this.changed) return;
      const fields = found.fields;
      const turn = {};
      for (const field of this.form.elements) {
        if (!(field.name in fields) || NOT_KEPT.includes(field.name) || ["password", "file", "submit", "button"].includes(field.type)) continue;
        const values = fields[field.name];
        if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
        else if (field.multiple) Array.from(field.options).forEach((option) => { option.selected = values.includes(option.value); });
        else { field.value = values[turn[field.name] || 0] || ""; turn[field.name] = (turn[field.name] || 0) + 1; }
      }
      for (const field of this.form.elements) if (["checkbox", "radio"].includes(field.type) && !(field.name in fields)) field.checked = false;
      if (!this.changed) return; // the page already came with this draft
      this.sent = this.snapshot().toString();
      this.form.dispatchEvent(new Event("cw:restored", { bubbles: true }));
      all("[data-counted]", this.form).forEach((field) => field.dispatchEvent(new Event("cw:count")));
      this.say(`Brouillon de ${found.at} repris.`);
      const place = this.place();
      if (!place) return;
      const undo = document.createElement("button");
      undo.type = "button";
      undo.className = "btn btn-link btn-sm";
      undo.textContent = "Ne pas le reprendre";
      undo.addEventListener("click", () => { this.form.reset(); undo.remove(); this.later(0); });
      place.append(undo);
    }
    place() { return one("[data-draft-status]", this.form) || one(`[data-draft-status][data-for="${this.form.id}"]`); }
    snapshot() {
      const kept = new URLSearchParams();
      for (const [name, value] of new FormData(this.form)) if (typeof value === "string") kept.append(name, value);
      all("input[type=password]", this.form).forEach((field) => kept.delete(field.name));
      return kept;
    }
    get changed() { return this.snapshot().toString() !== this.sent; }
    later(delay) {
      clearTimeout(this.timer);
      if (!this.closed && this.changed) this.timer = setTimeout(() => this.save(), delay);
    }
    say(text, failing = false) {
      const place = this.place();
      if (!place) return;
      one("[data-draft-text]", place).textContent = text;
      place.classList.toggle("is-failing", failing);
    }
    async save() {
      if (this.busy) return this.busy.then(() => (this.changed ? this.save() : undefined));
      if (!this.changed || this.closed) return undefined;
      const kept = this.snapshot();
      this.busy = this.send(kept).finally(() => { this.busy = null; });
      return this.busy;
    }
    async send(kept) {
      try {
        const answer = await post(this.url, kept);
        if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
          this.say("Session verrouillée : ouvrez-la dans un autre onglet, votre texte reste ici.", true);
          return this.again();
        }
        if (answer.status >= 500) throw new Error("server");
        if (answer.status === 410) { this.closed = true; this.say("Ce texte ne peut plus être gardé.", true); return undefined; }
        if (!answer.ok) { this.say("Brouillon trop long pour être enregistré : envoyez la page.", true); this.sent = kept.toString(); return undefined; }
        if ((await answer.json()).sent) return this.again(); // its form was sent a moment ago: these are later words
        this.sent = kept.toString();
        this.wait = 0;
        network.found();
        this.say(`Brouillon enregistré à ${clock()}`);
      } catch {
        network.lost();
        this.say("Pas encore enregistré : le réseau est coupé. Votre texte reste à l’écran.", true);
        return this.again();
      }
      return undefined;
    }
    again() {
      this.wait = Math.min(this.wait ? this.wait * 2 : 3000, 30000);
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.save(), this.wait);
    }
  }
  const drafts = [];
  const bindDrafts = (root) => all("form[data-autosave]", root).forEach((form) => {
    if (!form.dataset.bound) { form.dataset.bound = "yes"; drafts.push(new Draft(form)); }
  });
  const flush = () => Promise.all(drafts.filter((draft) => draft.changed).map((draft) => draft.save()));
  window.addEventListener("online", () => { network.found(); flush(); });
  document.addEventListener("visibilitychange", () => { if (document.hidden) flush(); });
  window.addEventListener("beforeunload", (event) => {
    // Leaving asks nothing unless the network is down and something would be lost.
    if (network.down && drafts.some((draft) => draft.changed && !draft.closed)) event.preventDefault();
  });

  /* Names: one key, one button; kept by the server. ---------------------------------------------------------------- */
  const hideForm = one("form[data-hide-names]");
  const namesHidden = () => body.classList.contains("cw-names-hidden");
  const setNames = (hide) => {
    if (!hideForm) return Promise.resolve();
    body.classList.toggle("cw-names-hidden", hide);
    hideForm.elements.hide.value = hide ? "0" : "1";
    one("button", hideForm).setAttribute("aria-pressed", String(hide));
    return post(hideForm.action, { hide: hide ? "1" : "0" }).catch(() => network.lost());
  };
  if (hideForm) hideForm.addEventListener("submit", (event) => { event.preventDefault(); setNames(!namesHidden()); });

  /* Menus are <details>: close the others, close on Escape and on a click elsewhere. -------------------------------- */
  const menus = all("details[data-menu]");
  const closeMenus = (except) => menus.forEach((menu) => { if (menu !== except) menu.open = false; });
  menus.forEach((menu) => menu.addEventListener("toggle", () => { if (menu.open) closeMenus(menu); }));
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details[data-menu]")));

  /* Keyboard. ---------------------------------------------------------------------------------------------------- */
  const typing = (target) => target.closest("input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=submit]), textarea, select, [contenteditable]");
  const rows = (list) => all("[data-list-link], .cw-work-label a, tbody th a, li > a", list).filter((link) => link.offsetParent !== null);
  const move = (event, step) => {
    const lists = all("[data-list]");
    if (!lists.length) return;
    const links = lists.flatMap(rows);
    if (!links.length) return;
    const row = document.activeElement && document.activeElement.closest("[data-list] li, [data-list] tr");
    const at = row ? links.findIndex((link) => row.contains(link)) : -1;
    const next = links[at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + step, 0), links.length - 1)];
    event.preventDefault();
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      const open = menus.find((menu) => menu.open);
      if (open) { open.open = false; one("summary", open).focus(); }
      if (document.activeElement && document.activeElement.matches("[data-search]")) document.activeElement.blur();
      return;
    }
    if (typing(event.target) || one("dialog[open]")) return;
    if (event.key === "/" && one("[data-search]")) { event.preventDefault(); one("[data-search]").focus(); }
    else if (event.key === "?" && one("#cw-keys")) { event.preventDefault(); one("#cw-keys").showModal(); }
    else if (event.key === "m" && hideForm && !("room" in body.dataset)) setNames(!namesHidden());
    else if (event.key === "ArrowDown") move(event, 1);
    else if (event.key === "ArrowUp") move(event, -1);
  });

  /* Sending: once, with a word; buttons come back with the page. --------------------------------------------------- */
  const free = (root) => all("[data-busy]", root).forEach((button) => {
    delete button.dataset.busy;
    button.classList.remove("is-busy");
    button.removeAttribute("aria-disabled");
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method === "dialog" || form.dataset.again !== undefined) return;
    if (form.dataset.sending) { event.preventDefault(); return; }
    const button = event.submitter;
    form.dataset.sending = "yes";
    if (button) { button.dataset.busy = "yes"; button.classList.add("is-busy"); button.setAttribute("aria-disabled", "true"); }
    setTimeout(() => { delete form.dataset.sending; free(form); }, 8000); // a file sent back leaves the page here
  });
  window.addEventListener("pageshow", () => { all("form[data-sending]").forEach((form) => delete form.dataset.sending); free(document); });

  /* Confirm only what cannot be undone: data-confirm="Question" data-confirm-detail data-confirm-yes on a button. --- */
  const dialog = one("#cw-confirm");
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-confirm], a[data-confirm]");
    if (!button || !dialog || button.dataset.confirmed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    one("[data-confirm-text]", dialog).textContent = button.dataset.confirm;
    one("[data-confirm-detail]", dialog).textContent = button.dataset.confirmDetail || "";
    const yes = one("[data-confirm-yes]", dialog);
    yes.textContent = button.dataset.confirmYes || button.textContent.trim();
    yes.className = button.classList.contains("btn-danger") || button.classList.contains("btn-outline-danger") ? "btn btn-danger" : "btn btn-primary";
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => {
      if (dialog.returnValue !== "yes") { button.focus(); return; }
      button.dataset.confirmed = "yes";
      button.click();
      delete button.dataset.confirmed;
    }, { once: true });
    dialog.showModal();
  }, true);

  /* Small things. -------------------------------------------------------------------------------------------------- */
  document.addEventListener("click", (event) => { if (event.target.closest("[data-print]")) window.print(); });
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = document.getElementById(button.dataset.copy);
    const told = one("[data-copied]");
    try { await navigator.clipboard.writeText(source.value); told.textContent = "Copié."; } catch {
      source.select(); // an http address, or refused: Ctrl+C does it
      told.textContent = "Texte sélectionné : copiez-le avec Ctrl+C.";
    }
  });
  const bindCounters = (root) => all("[data-count][maxlength], textarea[maxlength]", root).forEach((field) => {
    if (field.dataset.counted) return;
    field.dataset.counted = "yes";
    const place = document.createElement("span");
    place.className = "cw-counter";
    place.setAttribute("aria-hidden", "true");
    field.after(place);
    const tell = () => {
      const left = field.maxLength - field.value.length;
      place.textContent = `${field.value.length} / ${field.maxLength}`;
      place.classList.toggle("is-full", left <= 10);
    };
    field.addEventListener("input", tell);
    field.addEventListener("cw:count", tell);
    tell();
  });
  const summary = one("[data-errors]");
  if (summary) summary.focus();

  /* Idle: the screen locks, what was typed is saved first. --------------------------------------------------------- */
  const idle = {
    limit: Number(body.dataset.idle || 0) * 1000,
    last: Date.now(), told: Date.now(), locking: false,
    touch() {
      this.last = Date.now();
      if (this.last - this.told > 60000 && body.dataset.presenceUrl) { this.told = this.last; post(body.dataset.presenceUrl).catch(() => {}); }
    },
    async lock() {
      if (this.locking) return;
      this.locking = true;
      body.classList.add("cw-names-hidden");
      await Promise.race([flush(), new Promise((done) => { setTimeout(done, 3000); })]);
      try { await post(body.dataset.lockUrl, { next: location.pathname }); } catch { /* the server locks by itself */ }
      location.replace(location.href);
    },
    tick() {
      const left = this.limit - (Date.now() - this.last);
      if (left <= 0) { this.lock(); return; }
      const place = one("[data-lock-countdown]");
      if (!place) return;
      const seconds = Math.ceil(left / 1000);
      place.textContent = `verrouillage dans ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      place.classList.toggle("is-soon", seconds <= 60);
    },
  };
  if (idle.limit && body.dataset.lockUrl) {
    ["pointerdown", "keydown", "wheel", "touchstart"].forEach((name) => document.addEventListener(name, () => idle.touch(), { passive: true }));
    setInterval(() => idle.tick(), 1000);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) idle.tick(); });
    const lockForm = one("[data-lock-form]");
    if (lockForm) lockForm.addEventListener("submit", (event) => { event.preventDefault(); idle.lock(); });
  }
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  /* htmx: the same promises for fragments. -------------------------------------------------------------------------- */
  const bind = (root) => { bindDrafts(root); bindCounters(root); };
  document.addEventListener("htmx:load", (event) => bind(event.detail.elt));
  document.addEventListener("htmx:sendError", () => network.lost());
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) network.found();
    const form = event.detail.elt && event.detail.elt.closest("form");
    if (form) { delete form.dataset.sending; free(form); }
  });
  document.addEventListener("htmx:responseError", (event) => {
    // The installation only reads for now: the sentence is shown, the form stays as it is.
    if (event.detail.xhr.status !== 503) return;
    const plain = (event.detail.xhr.getResponseHeader("Content-Type") || "").startsWith("text/plain");
    network.show(plain ? event.detail.xhr.responseText : "Service momentanément indisponible : votre saisie reste à l’écran.");
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    // Refusals carry their page: show it where the answer was expected.
    if ([409, 422].includes(event.detail.xhr.status)) { event.detail.shouldSwap = true; event.detail.isError = false; }
  });
  bind(document);
  window.casework = { post, flush, clock, network, lock: () => idle.lock(), setIdle: (seconds) => { idle.limit = seconds * 1000; } };
})();
