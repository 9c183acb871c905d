/* PRM: tells which page of a campaign was looked at. No cookie, nothing stored, and nothing sent against a browser's wish.
   <script src="https://YOUR-HOST/c/seen.js" async></script> */
(function () {
  var me = document.currentScript, n = navigator, t = /[#&]c=([A-Za-z0-9_-]{80})/.exec(location.hash);
  if (!t || !me || n.globalPrivacyControl || n.doNotTrack === "1") return;
  function tell(more) { new Image().src = me.src.replace(/seen\.js.*$/, t[1] + ".gif" + more); }
  if (history.replaceState) history.replaceState(history.state, "", location.pathname + location.search);
  function seen() {
    if (document.visibilityState !== "visible") return;
    document.removeEventListener("visibilitychange", seen);
    tell("");
    setTimeout(function () { if (document.visibilityState === "visible") tell("?a=stay"); }, 8000);
  }
  if (document.prerendering) document.addEventListener("prerenderingchange", seen, { once: true });
  else if (document.visibilityState === "visible") seen();
  else document.addEventListener("visibilitychange", seen);
})();
