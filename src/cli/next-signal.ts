/** Resolves at the first signal that asks to end; the second one then ends the process as if nobody listened. */
export function nextSignal(): Promise<undefined> {
  return new Promise((resolve) => {
    const stop = (): void => {
      process.removeListener("SIGTERM", stop).removeListener("SIGINT", stop);
      resolve(undefined);
    };
    process.on("SIGTERM", stop).on("SIGINT", stop);
  });
}
