/** Whether two names stand for the same part of a country: case, accents and spaces around do not matter. */
export function isSameRegion(a: string, b: string): boolean {
  return plain(a) === plain(b);
}

function plain(name: string): string {
  return name.trim().normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
