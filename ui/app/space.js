// Keeps the key of this browser's space in a cookie, which goes with every connection, and takes a key out of a link.

const COOKIE = "elmo_lens_space";
const KEY = /^[\w-]{32}$/;
const LINK = /^#space=([\w-]{32})$/;
const MAX_AGE_S = 400 * 24 * 60 * 60; // no browser keeps one longer; every visit begins anew

function keptKey() {
  const pair = document.cookie.split("; ").find((each) => each.startsWith(`${COOKIE}=`));
  return pair ? pair.slice(COOKIE.length + 1) : "";
}

function keep(key) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${COOKIE}=${key}; Path=/; Max-Age=${MAX_AGE_S}; SameSite=Strict${secure}`;
}

export default function ({ data, setTriggerValue }) {
  const kept = keptKey();
  if (data.is_new && KEY.test(kept) && kept !== data.key) {
    setTriggerValue("kept", kept); // another tab was the first
  } else if (window.elmoLensSpace !== data.key) {
    window.elmoLensSpace = data.key; // once: another tab may have taken another space since
    keep(data.key);
  }

  function takeLink() {
    const link = LINK.exec(location.hash);
    if (!link) return;
    history.replaceState(history.state, "", location.pathname + location.search);
    setTriggerValue("link", link[1]);
  }
  takeLink();
  window.addEventListener("hashchange", takeLink);
  return () => window.removeEventListener("hashchange", takeLink);
}
