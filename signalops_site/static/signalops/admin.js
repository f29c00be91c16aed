// The admin and the dashboard share one choice of theme. Before the first paint the dashboard's is taken over;
// on leaving, what was chosen here is handed back.
(() => {
  const dashboard = "signalops.theme";
  const admin = "adminTheme";
  const known = (theme) => theme === "light" || theme === "dark";
  try {
    const chosen = localStorage.getItem(dashboard);
    const here = known(chosen) ? chosen : "auto";
    localStorage.setItem(admin, JSON.stringify(here));
    addEventListener("pagehide", () => {
      const theme = JSON.parse(localStorage.getItem(admin) ?? '"auto"');
      if (theme === here) return;
      if (known(theme)) localStorage.setItem(dashboard, theme);
      else localStorage.removeItem(dashboard);
    });
  } catch {
    // Storage can be denied; the system's theme then applies.
  }
})();
