// The fence: only where the organiser turned one on does the page that checks in ask where the phone is, after it has said why. What the phone
// answers goes into the form of this page and nowhere else; the server keeps inside or outside. No answer never keeps anybody from checking in.
(function () {
  'use strict';
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
})();
