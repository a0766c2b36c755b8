// How a verdict is shown: the whole screen in its colour for a moment, the card under the picture until the next one, a line in 刚才.
// Text only is ever put into the page; the icons are the page's own.
(function () {
  'use strict';
  var Shulin = window.Shulin;
  var ICONS = { yes: 'yes', already: 'clock', warn: 'warn', no: 'no', stored: 'offline' };
  var TAGS = { yes: '成了', already: '已签过', warn: '看一下', no: '没签上', stored: '待上传' };
  var TONES = { yes: 'is-yes', already: 'is-warn', warn: 'is-warn', no: 'is-no', stored: 'is-kept' };
  var GLANCE = { yes: 1000, stored: 800 }, LOOK = 2400, KEPT = 8;

  // `acts`: what its buttons do with a line: undo, depart, retry.
  function Verdicts(root, acts) {
    var verdicts = this;
    this.root = root;
    this.acts = acts;
    this.shown = null;
    this.last = [];
    this.timer = null;
    this.flash = root.querySelector('[data-flash]');
    this.flash.addEventListener('click', function () { verdicts.unflash(); });
    this.leave = root.querySelector('[data-depart]');
    this.leave.addEventListener('click', function () { verdicts.leave.classList.add('htmx-request'); acts.depart(verdicts.shown); });
  }

  function icon(name) {
    var held = document.querySelector('template[data-icons]').content.querySelector('[data-of="' + name + '"]');
    return held.firstElementChild.cloneNode(true);
  }
  Shulin.icon = icon;

  function fill(place, child) { place.textContent = ''; place.appendChild(child); }
  function clock(iso) { return new Date(iso).toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit', hour12: false }); }

  // `verdict`: {tone, title, name, detail, depart}. `quiet` leaves out the flash, the sound and the shake.
  Verdicts.prototype.show = function (verdict, quiet) {
    var card = this.root.querySelector('[data-verdict]'), tone = TONES[verdict.tone] || TONES.warn;
    card.className = 'verdict verdict-flat ' + tone;
    fill(card.querySelector('[data-icon]'), icon(ICONS[verdict.tone] || 'warn'));
    card.querySelector('[data-said]').textContent = verdict.title;
    card.querySelector('[data-whom]').textContent = verdict.name || '';
    card.querySelector('[data-detail]').textContent = verdict.detail || '';
    card.hidden = false;
    this.shown = verdict;
    this.leave.hidden = !verdict.depart;
    this.leave.classList.remove('htmx-request');
    if (quiet) return;
    Shulin.sounds.play(verdict.tone);
    this.flashUp(verdict, tone);
  };

  Verdicts.prototype.flashUp = function (verdict, tone) {
    var flash = this.flash, verdicts = this;
    var stage = this.root.querySelector('[data-stage]').getBoundingClientRect();
    flash.className = 'scan-flash ' + tone;
    flash.style.setProperty('--from', Math.max(0, stage.bottom) + 'px');
    fill(flash.querySelector('[data-flash-icon]'), icon(ICONS[verdict.tone] || 'warn'));
    flash.querySelector('[data-flash-title]').textContent = verdict.title;
    flash.querySelector('[data-flash-name]').textContent = verdict.name || '';
    flash.querySelector('[data-flash-detail]').textContent = verdict.detail || '';
    flash.hidden = false;
    this.root.classList.add('is-flashing');
    clearTimeout(this.timer);
    this.timer = setTimeout(function () { verdicts.unflash(); }, GLANCE[verdict.tone] || LOOK);
  };

  Verdicts.prototype.unflash = function () {
    clearTimeout(this.timer);
    this.flash.hidden = true;
    this.root.classList.remove('is-flashing');
  };

  // A line of 刚才; the same id is the same line. `line`: {id, at, tone, title, name, detail, undo, depart, typed}. Names to be corrected stay, however many come after.
  Verdicts.prototype.list = function (line) {
    var same = this.last.findIndex(function (one) { return one.id === line.id; });
    if (same >= 0) this.last[same] = line; else this.last.unshift(line);
    this.last.sort(function (one, other) { return one.at < other.at ? 1 : -1; });
    var others = 0;
    this.last = this.last.filter(function (one) { return one.typed || (others += 1) <= KEPT; });
    this.draw();
  };

  Verdicts.prototype.forget = function (id) {
    this.last = this.last.filter(function (one) { return one.id !== id; });
    this.draw();
  };

  Verdicts.prototype.draw = function () {
    var place = this.root.querySelector('[data-list]'), verdicts = this;
    var held = place.contains(document.activeElement) ? document.activeElement.dataset.act : null;
    place.textContent = '';
    this.last.forEach(function (line) { place.appendChild(verdicts.line(line)); });
    this.root.querySelector('[data-last]').hidden = !this.last.length;
    if (held) { var again = place.querySelector('[data-act="' + held + '"]'); if (again) again.focus(); }
  };

  Verdicts.prototype.line = function (line) {
    var item = make('li', line.typed || line.depart ? 'item item-ask' : 'item'), body = make('span', 'item-body');
    var timed = (line.detail || '').match(/^(\d\d:\d\d)(?:，(.*))?$/);  // the server's own time, said once
    var at = timed ? timed[1] : clock(line.at), detail = timed ? timed[2] : line.detail;
    body.appendChild(make('b', '', line.typed ? line.typed.name + '，尾号 ' + line.typed.tail : line.name || line.title));
    body.appendChild(make('span', 'fine', [at, line.name ? line.title : '', detail].filter(Boolean).join('，')));
    if (line.typed) body.appendChild(this.button('retry', line, '改一改再试'));
    if (line.depart) body.appendChild(this.button('depart', line, '现在签退'));
    item.appendChild(body);
    item.dataset.at = line.at;
    var tag = make('span', 'tag ' + (line.tone === 'stored' ? 'is-warn' : TONES[line.tone] || 'is-warn'));
    tag.appendChild(icon(line.undone ? 'undo' : ICONS[line.tone] || 'warn'));
    tag.appendChild(document.createTextNode(line.undone ? '已撤销' : TAGS[line.tone] || TAGS.warn));
    item.appendChild(tag);
    if (line.undo && !line.undone) item.appendChild(this.button('undo', line, '撤销'));
    return item;
  };

  Verdicts.prototype.button = function (act, line, words) {
    var verdicts = this, button = make('button', 'btn', words);
    button.type = 'button';
    button.dataset.act = act + '-' + line.id;
    button.setAttribute('aria-label', words + ' ' + (line.name || ''));
    button.addEventListener('click', function () {
      if (act !== 'retry') button.classList.add('htmx-request');
      verdicts.acts[act](line);
    });
    return button;
  };

  function make(kind, css, words) {
    var made = document.createElement(kind);
    if (css) made.className = css;
    if (words) made.textContent = words;
    return made;
  }

  Shulin.Verdicts = Verdicts;
})();
