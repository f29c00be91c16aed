import js from "@eslint/js";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const features = ["auth", "overview", "label", "leads", "review", "runs", "settings"];

/** Imports point down: app -> features -> components -> api, lib. Features never import each other. */
function floor(files, forbidden) {
  return {
    files,
    ignores: ["**/*.test.ts", "**/*.test.tsx"],
    rules: { "no-restricted-imports": ["error", { patterns: forbidden.map(({ group, message }) => ({ group, message })) }] },
  };
}

const above = (...names) => ({
  group: names.flatMap((name) => [`@/${name}/*`, `**/../${name}/*`]),
  message: "Imports point down: app -> features -> components -> api, lib.",
});

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/api/schema.d.ts", "playwright-report", "test-results"] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    files: ["**/*.{ts,tsx}"],
    plugins: { "react-hooks": reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      // It warns of what React's compiler would skip; the compiler is not used here.
      "react-hooks/incompatible-library": "off",
      "@typescript-eslint/consistent-type-imports": "error",
    },
  },
  {
    files: ["public/**/*.js", "scripts/**/*.mjs", "*.js"],
    languageOptions: { globals: Object.fromEntries(
        ["document", "localStorage", "console", "process", "URL", "fetch", "setTimeout", "clearTimeout"].map((name) => [name, "readonly"]),
      ) },
  },
  floor(["src/lib/**"], [above("app", "features", "components", "api")]),
  floor(["src/api/**"], [above("app", "features", "components")]),
  floor(["src/components/**"], [above("app", "features")]),
  ...features.map((feature) =>
    floor(
      [`src/features/${feature}/**`],
      [
        above("app"),
        {
          group: features.filter((other) => other !== feature).flatMap((other) => [`@/features/${other}/*`, `**/../${other}/*`]),
          message: "Features never import each other: move what they share to components, api or lib.",
        },
      ],
    ),
  ),
);
