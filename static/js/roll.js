// The page of names: finds a name, ticks all that are in view, counts. Without it every part still works, the finding aside.
(function () {
  var form = document.querySelector('[data-roll]');
  if (!form) return;
  var all = document.querySelector('[data-roll-all]');
  var finder = document.querySelector('[data-roll-find]');
  var none = form.querySelector('[data-roll-none]');
  var groups = form.querySelectorAll('[data-roll-group]');
  var named = Array.prototype.slice.call(form.querySelectorAll('.tick[data-name]'));

  function box(tick) { return tick.querySelector('input'); }
  function inView() { return named.filter(function (tick) { return !tick.hidden && box(tick); }); }

  function count() {
    var some = document.querySelector('[data-roll-count]');
    if (some) some.textContent = form.querySelectorAll('.tick input:checked').length;
    groups.forEach(function (group) {
      var ticked = group.querySelectorAll('input:checked').length;
      group.querySelector('[data-roll-some]').textContent = ticked ? '，勾了 ' + ticked : '';
    });
    if (all) all.textContent = inView().length && inView().every(function (tick) { return box(tick).checked; }) ? '全不勾' : '全勾';
  }

  form.addEventListener('change', count);
  if (all) all.addEventListener('click', function (event) {
    event.preventDefault();
    var ticks = inView(), on = !ticks.every(function (tick) { return box(tick).checked; });
    ticks.forEach(function (tick) { box(tick).checked = on; });
    count();
  });

  if (finder && named.length > 12) {
    finder.hidden = false;
    finder.querySelector('input').addEventListener('input', function (event) {
      var words = event.target.value.trim();
      named.forEach(function (tick) { tick.hidden = tick.dataset.name.indexOf(words) < 0; });
      groups.forEach(function (group) { group.hidden = !group.querySelector('.tick:not([hidden])'); });
      none.hidden = named.some(function (tick) { return !tick.hidden; });
      count();
    });
  }
  count();
})();
