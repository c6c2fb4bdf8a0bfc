"use strict";
/* Days as a biller types them, in every field marked data-day: t is today, t+30 or +30 thirty days on, t-7 a week back,
   11262026 or 11/26 (this year; never in a birth date) without the rest. The field then shows the whole day, so that
   what is sent was seen. The server reads whole days only, and says so where a field holds anything else. */
(function () {
  var today = document.body.dataset.today;

  function two(number) { return (number < 10 ? "0" : "") + number; }
  function written(day) { return two(day.getUTCMonth() + 1) + "/" + two(day.getUTCDate()) + "/" + day.getUTCFullYear(); }

  function moved(days) {
    var day = new Date(today + "T00:00:00Z");
    day.setUTCDate(day.getUTCDate() + days);
    return written(day);
  }

  /* The whole day, "" for what is none. */
  function read(text, isBirth) {
    var parts, year;
    if (/^t$/i.test(text)) { return moved(0); }
    if ((parts = /^t?\s*([+-])\s*(\d{1,4})$/i.exec(text))) { return moved((parts[1] === "-" ? -1 : 1) * Number(parts[2])); }
    if ((parts = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text))) { parts = [text, parts[2], parts[3], parts[1]]; }
    parts = parts || /^(\d{2})(\d{2})(\d{4})$/.exec(text) || /^(\d{1,2})[\/-](\d{1,2})[\/-](\d{4})$/.exec(text) ||
      (isBirth ? null : /^(\d{1,2})\/(\d{1,2})$/.exec(text));
    if (!parts) { return ""; }
    year = Number(parts[3] || today.slice(0, 4));
    var day = new Date(Date.UTC(year, Number(parts[1]) - 1, Number(parts[2])));
    return day.getUTCMonth() + 1 === Number(parts[1]) && day.getUTCDate() === Number(parts[2]) ? written(day) : "";
  }

  function settle(field) {
    var text = field.value.trim(), day = text && read(text, /birth/.test(field.name));
    if (day) { field.value = day; }
    // A sheet keeps what was typed and says the fault beside it; the small forms of a claim's acts do not.
    if (field.form && field.form.matches(".sheet, .entry") && !field.closest("details.act")) { return; }
    field.setCustomValidity(text && !day ? "Write the day as " + moved(0) + ", t for today, or t+30." : "");
  }

  function isDay(field) { return field && field.matches && field.matches("input[data-day]"); }

  document.addEventListener("input", function (event) { if (isDay(event.target)) { event.target.setCustomValidity(""); } });
  document.addEventListener("change", function (event) { if (isDay(event.target)) { settle(event.target); } });
  /* A panel that is closed asks for nothing: what is wrong in it must not stop the form around it. */
  document.addEventListener("toggle", function (event) {
    if (event.target.open) { return; }
    event.target.querySelectorAll("input[data-day]").forEach(function (field) { field.setCustomValidity(""); });
  }, true);
  /* Enter sends a form before the field has changed. */
  document.addEventListener("keydown", function (event) { if (event.key === "Enter" && isDay(event.target)) { settle(event.target); } }, true);
}());
