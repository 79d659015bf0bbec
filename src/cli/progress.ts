/** Shows how far a long task is. */
export interface Progress {
  readonly onProgress: (done: number, total: number) => void;
  readonly finish: () => void;
}

/** A progress bar on standard error, if that is a terminal. */
export async function createProgress(): Promise<Progress> {
  if (!process.stderr.isTTY) return { onProgress: () => {}, finish: () => {} };
  const { SingleBar, Presets } = await import("cli-progress");
  const bar = new SingleBar({ stream: process.stderr, format: "{bar} {percentage}%" }, Presets.shades_classic);
  bar.start(1, 0);
  return {
    onProgress: (done, total) => {
      bar.setTotal(total);
      bar.update(done);
    },
    finish: () => bar.stop(),
  };
}
