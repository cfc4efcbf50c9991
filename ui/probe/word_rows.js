// Draws every word with a chip per model below it. All text comes in as data and leaves through textContent: none of it is HTML.

const RIGHT_TO_LEFT = /^[^A-Za-z\u00C0-\u024F]*[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC]/;

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function shape(arm) {
  const made = element("i", `shape ${arm.shape}`);
  made.style.background = arm.colour;
  made.ariaHidden = "true";
  return made;
}

function tint(chip, effect, largest) {
  const share = Math.min(1, Math.abs(effect) / largest);
  const colour = effect > 0 ? "--more-positive" : "--more-negative";
  chip.style.background = `color-mix(in srgb, var(${colour}) ${Math.round(share * 65)}%, transparent)`;
}

function drawArms(arms, data) {
  arms.replaceChildren(
    ...data.arms.map((arm) => {
      const label = element("div", "effect", "");
      label.append(shape(arm), element("span", "", arm.title));
      return label;
    }),
  );
}

function drawLegend(legend, data) {
  const items = [];
  if (data.hasEffects) {
    for (const [sign, effect, text] of [["+9", 1, data.legend.positive], ["−9", -1, data.legend.negative]]) {
      const item = element("span", "");
      const swatch = element("span", "swatch", sign);
      tint(swatch, effect, 1);
      item.append(swatch, document.createTextNode(text));
      items.push(item);
    }
  }
  if (data.tokens.some((token) => token.chips.some((chip) => chip.isUnknown))) {
    const item = element("span", "");
    item.append(element("span", "swatch unknown", "?"), document.createTextNode(data.legend.unknown));
    items.push(item);
  }
  legend.replaceChildren(...items);
}

function drawWord(token, data) {
  const button = element("button", "word");
  button.type = "button";
  button.append(element("span", "token", token.text), element("span", "about", token.about));
  token.chips.forEach((chip, row) => {
    const drawn = element("span", chip.isUnknown ? "effect unknown" : "effect");
    drawn.ariaHidden = "true"; // `about` says it in words
    drawn.dataset.arm = data.arms[row].name;
    drawn.append(shape(data.arms[row]), element("span", "", chip.text));
    if (chip.effect !== null) tint(drawn, chip.effect, data.largest);
    button.append(drawn);
  });
  return button;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const words = parentElement.querySelector(".words");
  const said = parentElement.querySelector(".said");
  const root = words.getRootNode();
  const focused = [...words.children].indexOf(root.activeElement);

  parentElement.querySelector(".rows").classList.toggle("large", data.isLarge);
  parentElement.querySelector(".heading").textContent = data.heading;
  drawArms(parentElement.querySelector(".arms"), data);
  drawLegend(parentElement.querySelector(".legend"), data);
  const buttons = data.tokens.map((token) => drawWord(token, data));
  const reachable = data.chosen ?? Math.max(0, Math.min(focused, buttons.length - 1));
  buttons.forEach((button, position) => {
    const say = () => { said.textContent = `“${data.tokens[position].text}”${data.tokens[position].about}`; };
    button.ariaPressed = String(position === data.chosen);
    button.tabIndex = position === reachable ? 0 : -1; // one stop of the Tab key; arrows go from word to word
    button.onmouseenter = say;
    button.onfocus = say;
    button.onclick = () => setTriggerValue("chosen", position);
    button.onkeydown = (event) => {
      const forward = words.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
      const step = { [forward]: 1, [forward === "ArrowLeft" ? "ArrowRight" : "ArrowLeft"]: -1 }[event.key];
      const next = buttons[position + step];
      if (!next) return;
      event.preventDefault();
      button.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    };
  });
  words.dir = RIGHT_TO_LEFT.test(data.tokens.map((token) => token.text).join(" ")) ? "rtl" : "ltr";
  words.ariaLabel = data.title;
  words.replaceChildren(...buttons);
  words.onmouseleave = () => { said.textContent = data.hint; };
  said.textContent = data.hint;
  if (focused >= 0 && buttons[focused]) buttons[focused].focus();
}
