// How a verdict is shown: the whole screen in its colour for a moment, the card under the picture until the next one, a line in 刚才.
// Text only is ever put into the page; the icons are the page's own.
(function () {
  'use strict';
  var Shulin = window.Shulin;
  var ICONS = { yes: 'yes', already: 'clock', warn: 'warn', no: 'no', stored: 'offline' };
  var TAGS = { yes: '成了', already: '已签过', warn: '看一下', no: '没签上', stored: '待上传' };
  var TONES = { yes: 'is-yes', already: 'is-warn', warn: 'is-warn', no: 'is-no', stored: 'is-kept' };
  var GLANCE = { yes: 1000, stored: 800 }, LOOK = 2400, KEPT = 8;

  function Verdicts(root, undo) {
    var verdicts = this;
    this.root = root;
    this.undo = undo;
    this.last = [];
    this.timer = null;
    this.flash = root.querySelector('[data-flash]');
    this.flash.addEventListener('click', function () { verdicts.unflash(); });
  }

  function icon(name) {
    var held = document.querySelector('template[data-icons]').content.querySelector('[data-of="' + name + '"]');
    return held.firstElementChild.cloneNode(true);
  }
  Shulin.icon = icon;

  function fill(place, child) { place.textContent = ''; place.appendChild(child); }
  function clock(iso) { return new Date(iso).toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit', hour12: false }); }

  // `verdict`: {tone, title, name, detail}. `quiet` leaves out the flash, the sound and the shake.
  Verdicts.prototype.show = function (verdict, quiet) {
    var card = this.root.querySelector('[data-verdict]'), tone = TONES[verdict.tone] || TONES.warn;
    card.className = 'verdict verdict-flat ' + tone;
    fill(card.querySelector('[data-icon]'), icon(ICONS[verdict.tone] || 'warn'));
    card.querySelector('[data-said]').textContent = verdict.title;
    card.querySelector('[data-whom]').textContent = verdict.name || '';
    card.querySelector('[data-detail]').textContent = verdict.detail || '';
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

  // A line of 刚才; the same id is the same line. `line`: {id, at, tone, title, name, detail, undo}.
  Verdicts.prototype.list = function (line) {
    var same = this.last.findIndex(function (one) { return one.id === line.id; });
    if (same >= 0) this.last[same] = line; else this.last.unshift(line);
    this.last.sort(function (one, other) { return one.at < other.at ? 1 : -1; });
    this.last.length = Math.min(this.last.length, KEPT);
    this.draw();
  };

  Verdicts.prototype.draw = function () {
    var place = this.root.querySelector('[data-list]'), verdicts = this;
    var held = place.contains(document.activeElement) ? document.activeElement.dataset.undo : null;
    place.textContent = '';
    this.last.forEach(function (line) { place.appendChild(verdicts.line(line)); });
    this.root.querySelector('[data-last]').hidden = !this.last.length;
    if (held) { var again = place.querySelector('[data-undo="' + held + '"]'); if (again) again.focus(); }
  };

  Verdicts.prototype.line = function (line) {
    var verdicts = this, item = make('li', 'item'), body = make('span', 'item-body');
    var words = line.title + (line.detail ? '，' + line.detail : '');
    body.appendChild(make('b', '', line.name || line.title));
    body.appendChild(make('span', 'fine', clock(line.at) + '，' + (line.name ? words : line.detail || '')));
    item.appendChild(body);
    item.dataset.at = line.at;
    var tag = make('span', 'tag ' + (line.tone === 'stored' ? 'is-warn' : TONES[line.tone] || 'is-warn'));
    tag.appendChild(icon(line.undone ? 'undo' : ICONS[line.tone] || 'warn'));
    tag.appendChild(document.createTextNode(line.undone ? '已撤销' : TAGS[line.tone] || TAGS.warn));
    item.appendChild(tag);
    if (line.undo && !line.undone) {
      var button = make('button', 'btn', '撤销');
      button.type = 'button';
      button.dataset.undo = line.id;
      button.setAttribute('aria-label', '撤销 ' + (line.name || ''));
      button.addEventListener('click', function () { button.classList.add('htmx-request'); verdicts.undo(line); });
      item.appendChild(button);
    }
    return item;
  };

  function make(kind, css, words) {
    var made = document.createElement(kind);
    if (css) made.className = css;
    if (words) made.textContent = words;
    return made;
  }

  Shulin.Verdicts = Verdicts;
})();
