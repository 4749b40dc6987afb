// Before the first paint, so that no theme flashes the other one.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem("agentmesh.theme");
  } catch {
    // A browser that keeps nothing follows the system's theme.
  }
  if (theme !== "light" && theme !== "dark") theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.documentElement.dataset.theme = theme;
})();
