// Tells screen readers what changed, and takes the focus along when the button that had it has gone with the change.

const RETRY_MS = 100; // Streamlit takes away old elements and adds new ones one by one
const NUM_RETRIES = 50;

function focusOn(key, retriesLeft) {
  const target = document.querySelector(`.st-key-${key}`);
  const isLost = !document.activeElement || document.activeElement === document.body;
  if (target && isLost) {
    const button = target.querySelector("button");
    if (!button) target.tabIndex = -1;
    (button ?? target).focus({ preventScroll: true });
  } else if (retriesLeft) {
    setTimeout(focusOn, RETRY_MS, key, retriesLeft - 1);
  }
}

export default function ({ data, parentElement }) {
  const region = parentElement.querySelector("[role=status]");
  if (region.textContent !== data.text) region.textContent = data.text;
  const before = region.dataset.focus;
  region.dataset.focus = data.focus;
  if (before !== undefined && before !== data.focus && data.focus) focusOn(data.focus, NUM_RETRIES);
}
