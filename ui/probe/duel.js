// Draws the answers of both models on one axis. All text comes in as data and leaves through textContent: none of it is HTML.

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function drawTrack(model) {
  const track = element("div", "track");
  track.ariaHidden = "true"; // the label says it all
  track.title = model.spread;
  if (model.mean === null) return track;
  const place = (className, percent) => {
    const mark = element("i", className);
    mark.style.left = `${percent}%`;
    mark.style.background = model.colour;
    track.append(mark);
    return mark;
  };
  place("bar", Math.min(50, model.mean)).style.width = `${Math.abs(model.mean - 50)}%`;
  model.heads.forEach((percent) => place("head", percent));
  place(`mean ${model.shape}`, model.mean);
  return track;
}

function drawModel(model) {
  const row = element("div", "model");
  row.dataset.arm = model.name;
  const label = element("div", "label");
  const name = element("span", "name", model.title);
  const shape = element("i", `shape ${model.shape}`);
  shape.style.background = model.colour;
  name.prepend(shape);
  label.append(name, element("span", "number", model.number), element("span", "stance", model.stance));
  label.append(element("span", "spread", model.spread));
  row.append(label, drawTrack(model));
  return row;
}

export default function ({ data, parentElement }) {
  const duel = parentElement.querySelector(".duel");
  duel.classList.toggle("large", data.isLarge);
  duel.ariaLabel = data.title;
  const verdict = duel.querySelector(".verdict");
  if (verdict.textContent !== data.verdict) verdict.textContent = data.verdict; // else it would be read out again
  duel.querySelector(".more").textContent = data.more;
  duel.querySelector(".axis").replaceChildren(
    ...data.axis.map(([percent, text]) => {
      const mark = element("span", "", text);
      mark.style.left = `${percent}%`;
      return mark;
    }),
  );
  duel.querySelector(".models").replaceChildren(...data.models.map(drawModel));
}
