import { useEffect, useState } from "react";

/** The present time, renewed every so many milliseconds, so that ages and durations on screen stay true. */
export function useNow(every: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
