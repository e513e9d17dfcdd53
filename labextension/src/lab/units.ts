// Sizes and times in words.
import { trans } from "../words";

/** Bytes as people read them: `96 B`, `1.5 kB`, `12 MB`. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < 4) {
    value /= 1000;
    unit++;
  }
  const size = unit > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value);
  const texts = [
    trans.__("%1 B", size),
    trans.__("%1 kB", size),
    trans.__("%1 MB", size),
    trans.__("%1 GB", size),
    trans.__("%1 TB", size),
  ];
  return texts[unit] ?? "";
}

/** `45 s`, `2 min 5 s`, `1 h 2 min`. */
export function elapsedText(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return hours > 0
    ? trans.__("%1 h %2 min", hours, minutes % 60)
    : minutes > 0
      ? trans.__("%1 min %2 s", minutes, seconds % 60)
      : trans.__("%1 s", seconds);
}
