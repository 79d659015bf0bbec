import { afterEach, beforeEach, expect, vi } from "vitest";

const METHODS = ["log", "info", "warn", "error", "debug"] as const;

// Printing is how text leaves a process by accident, so that any console call fails the test that made it.
beforeEach(() => {
  for (const method of METHODS) vi.spyOn(console, method).mockImplementation(() => {});
});

afterEach(() => {
  for (const method of METHODS) expect(console[method], `console.${method} must stay silent`).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});
