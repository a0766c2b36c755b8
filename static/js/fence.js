// The fence: only where the organiser turned one on does the page that checks in ask where the phone is, after it has said why. What the phone
// answers goes into the form of this page and nowhere else; the server keeps inside or outside. No answer never keeps anybody from checking in.
(function () {
  'use strict';
  here();
  var note = document.querySelector('[data-fence]');
  if (!note || !navigator.geolocation) return;
  var Shulin = window.Shulin = window.Shulin || {};
  var said = note.querySelector('[data-fence-said]');
  var give = document.querySelectorAll('[data-fence-give]');
  var PATIENCE = 8000;  // ms; then without
  var REFUSED = '没有给位置，不要紧，照样签到。', NONE = '手机没说出位置，不要紧，照样签到。';
  var place = null;

  function fill(found) {
    place = { lat: found.coords.latitude.toFixed(6), lng: found.coords.longitude.toFixed(6), acc: String(Math.round(found.coords.accuracy)) };
    ['lat', 'lng', 'acc'].forEach(function (name) {
      document.querySelectorAll('[data-' + name + ']').forEach(function (input) { input.value = place[name]; });
    });
  }

  // Resolves in any case: with a place in the form, or without one.
  function ask() {
    said.textContent = '正在看在不在现场';
    return new Promise(function (done) {
      navigator.geolocation.getCurrentPosition(function (found) {
        fill(found);
        said.textContent = '位置好了。';
        done();
      }, function (error) {
        said.textContent = error.code === 1 ? REFUSED : NONE;
        done();
      }, { enableHighAccuracy: true, timeout: PATIENCE, maximumAge: 60000 });
    });
  }

  // For checkin.js: `ready` resolves when the page may post itself; a phone that has to be asked first waits for a tap.
  Shulin.fence = {
    place: function () { return place; },
    ready: function () {
      if (!navigator.permissions) return Promise.resolve(false);
      return navigator.permissions.query({ name: 'geolocation' }).then(function (right) {
        if (right.state === 'granted') return ask().then(function () { return true; });
        if (right.state === 'denied') said.textContent = REFUSED;
        return right.state === 'denied';
      }).catch(function () { return false; });
    },
    ask: ask
  };
  note.hidden = false;
  give.forEach(function (button) {
    button.hidden = false;
    if (button.form) return;  // checkin.js sends that form
    button.addEventListener('click', function () {
      button.classList.add('htmx-request');
      ask().then(function () { button.classList.remove('htmx-request'); button.hidden = place !== null; });
    });
  });

  // The organiser's page: 我在现场，用这里的位置 fills in the venue's place, which is saved by the form like a typed one.
  function here() {
    var form = document.querySelector('[data-here]');
    if (!form || !navigator.geolocation) return;
    var button = form.querySelector('[data-here-ask]'), said = form.querySelector('[data-here-said]');
    button.hidden = false;
    button.addEventListener('click', function () {
      button.classList.add('htmx-request');
      navigator.geolocation.getCurrentPosition(function (found) {
        button.classList.remove('htmx-request');
        form.elements.place.value = found.coords.latitude.toFixed(5) + ', ' + found.coords.longitude.toFixed(5);
        tell('填好了，手机说误差约 ' + Math.round(found.coords.accuracy) + ' 米。还要点下面的按钮才算开。');
      }, function (error) {
        button.classList.remove('htmx-request');
        tell(error.code === 1 ? '手机没有允许，请在浏览器里允许位置，或填坐标。' : '手机这会儿说不出位置，请到露天处再试，或填坐标。');
      }, { enableHighAccuracy: true, timeout: 15000, maximumAge: 0 });
    });
    function tell(words) { said.textContent = words; said.hidden = false; }
  }
})();
