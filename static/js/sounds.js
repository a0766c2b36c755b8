// Sounds and taps for the verdicts, each its own: two notes up, the same note twice, one low note; and a short tick for what is only stored.
// No files: the browser makes them. A phone on silent still shakes, where it can.
(function () {
  'use strict';
  var Shulin = window.Shulin;
  var NOTES = {  // [hertz, begins, lasts] in seconds
    yes: [[880, 0, .09], [1319, .1, .16]],
    already: [[587, 0, .1], [587, .17, .1]],
    warn: [[587, 0, .1], [587, .17, .1]],
    no: [[196, 0, .42]],
    stored: [[988, 0, .05]]
  };
  var SHAKES = { yes: 60, already: [50, 70, 50], warn: [50, 70, 50], no: [180, 80, 180], stored: 25 };
  var context = null;
  var muted = false;
  try { muted = localStorage.getItem('muted') === '1'; } catch (e) { /* no storage: with sound */ }

  // Browsers let a page sound only after it was touched once.
  function wake() {
    var Kind = window.AudioContext || window.webkitAudioContext;
    if (!Kind) return null;
    if (!context) context = new Kind();
    if (context.state !== 'running') context.resume().catch(function () {});
    return context;
  }
  ['pointerdown', 'keydown'].forEach(function (kind) { addEventListener(kind, wake, { passive: true }); });

  function note(player, hertz, begins, lasts, low) {
    var tone = player.createOscillator(), loud = player.createGain(), from = player.currentTime + begins;
    tone.type = low ? 'square' : 'sine';
    tone.frequency.value = hertz;
    loud.gain.setValueAtTime(0.0001, from);
    loud.gain.exponentialRampToValueAtTime(low ? .25 : .5, from + .012);
    loud.gain.exponentialRampToValueAtTime(0.0001, from + lasts);
    tone.connect(loud).connect(player.destination);
    tone.start(from);
    tone.stop(from + lasts + .02);
  }

  Shulin.sounds = {
    play: function (tone) {
      var player = muted ? null : wake();
      if (player) (NOTES[tone] || NOTES.warn).forEach(function (one) { note(player, one[0], one[1], one[2], tone === 'no'); });
      var touched = !navigator.userActivation || navigator.userActivation.hasBeenActive;
      if (navigator.vibrate && touched) navigator.vibrate(SHAKES[tone] || SHAKES.warn);
    },
    muted: function (set) {
      if (set !== undefined) {
        muted = set;
        try { if (set) localStorage.setItem('muted', '1'); else localStorage.removeItem('muted'); } catch (e) { /* for this page only */ }
      }
      return muted;
    },
    // 'running' once a sound can be heard.
    state: function () { var player = wake(); return player ? player.state : 'none'; },
    shakes: function () { return !!navigator.vibrate; }
  };
})();
