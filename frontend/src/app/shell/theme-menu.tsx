import { IconButton } from "@/components/ui/button";
import type { IconName } from "@/components/ui/icon";
import { Menu, MenuChoice, MenuLabel } from "@/components/ui/menu";
import { chooseTheme, type Theme, useTheme } from "@/lib/theme";

const THEMES: { theme: Theme; label: string; icon: IconName }[] = [
  { theme: "system", label: "As the system", icon: "monitor" },
  { theme: "light", label: "Light", icon: "sun" },
  { theme: "dark", label: "Dark", icon: "moon" },
];

export function ThemeMenu() {
  const current = useTheme();
  const icon = THEMES.find(({ theme }) => theme === current)?.icon ?? "monitor";
  return (
    <Menu align="end" trigger={<IconButton icon={icon} label="Theme" />}>
      <MenuLabel>Theme</MenuLabel>
      {THEMES.map((choice) => (
        <MenuChoice key={choice.theme} icon={choice.icon} chosen={choice.theme === current} onSelect={() => chooseTheme(choice.theme)}>
          {choice.label}
        </MenuChoice>
      ))}
    </Menu>
  );
}
