import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["tests/**/*.test.ts"],
    setupFiles: ["tests/support/no-output.ts", "tests/support/seed.ts"],
    testTimeout: 60_000,
    // On two cores the default is one worker; most of the time is spent waiting for programs that tests start.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts"],
    },
  },
});
