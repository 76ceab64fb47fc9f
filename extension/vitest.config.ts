/** Unit tests live beside the source; the browser is WXT's fake one, its words are the real ones. */
import { defineConfig } from "vitest/config";
import { WxtVitest } from "wxt/testing/vitest-plugin";

export default defineConfig({
  plugins: [WxtVitest()],
  define: {
    __DEFAULT_SERVER__: JSON.stringify("http://127.0.0.1:8000"),
    __DEMO_SERVER__: JSON.stringify("https://demo.example"),
  },
  test: { setupFiles: ["./src/testing/setup.ts"], mockReset: true, restoreMocks: true },
});
