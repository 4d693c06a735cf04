// Writes HTML: whatever is put into a template is escaped, unless it is HTML already; lists are joined.

class Markup {
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

export function html(strings, ...values) {
  return new Markup(strings.reduce((text, string, index) => text + written(values[index - 1]) + string));
}

// Text that is HTML already: a drawing, a style sheet.
export function raw(text) {
  return new Markup(text);
}

function written(value) {
  if (value instanceof Markup) {
    return value.text;
  }
  if (Array.isArray(value)) {
    return value.map(written).join('');
  }
  return String(value).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
