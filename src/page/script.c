#include "page/assets.h"

/*
 * The slider: its stops are the rows of the table of thresholds. It shows the cells of the row that it is at, and moves
 * the lines and rings in the pictures to the places that the row names.
 */
const char flt_page_script[] =
        "(function () {\n"
        "  'use strict';\n"
        "  var table = document.getElementById('stops'), slider = document.getElementById('stop');\n"
        "  if (!table || !slider) return;\n"
        "  var rows = table.tBodies[0].rows;\n"
        "  var figures = document.querySelectorAll('#stop-figures [data-column]');\n"
        "  var followers = document.querySelectorAll('[data-follow]');\n"
        "  function show() {\n"
        "    var row = rows[rows.length - 1 - Number(slider.value)], said = [];\n"
        "    figures.forEach(function (figure) {\n"
        "      var text = row.cells[Number(figure.dataset.column)].textContent;\n"
        "      figure.textContent = text;\n"
        "      said.push(figure.previousElementSibling.textContent + ' ' + text);\n"
        "    });\n"
        "    followers.forEach(function (follower) {\n"
        "      var place = row.dataset[follower.dataset.follow];\n"
        "      follower.setAttribute('class', place ? 'follow shown' : 'follow');\n"
        "      if (place) follower.setAttribute('transform', 'translate(' + place + ')');\n"
        "    });\n"
        "    slider.setAttribute('aria-valuetext', said.join(', '));\n"
        "  }\n"
        "  slider.addEventListener('input', show);\n"
        "  document.querySelectorAll('.scripted').forEach(function (part) { part.hidden = false; });\n"
        "  show();\n"
        "})();\n";
