// What the ticked lines and requests come to, said while they are ticked. Without this it is said after sending.
(function () {
  var form = document.getElementById('group'), said = document.querySelector('[data-sums]');
  if (!form || !said) return;
  function yuan(fen) {
    var size = Math.abs(fen), whole = String(Math.floor(size / 100)).replace(/\B(?=(\d{3})+$)/g, ',');
    return (fen < 0 ? '−' : '') + whole + '.' + String(size % 100).padStart(2, '0');
  }
  function sum(name) {
    var total = 0;
    form.querySelectorAll('input[name=' + name + ']:checked').forEach(function (one) { total += Number(one.dataset.fen); });
    said.querySelector('[data-sum=' + name + ']').textContent = yuan(total);
    return total;
  }
  function count() { said.querySelector('[data-difference]').textContent = yuan(sum('line') - sum('request')); }
  form.addEventListener('change', count);
  addEventListener('pageshow', count);
  count();
})();
