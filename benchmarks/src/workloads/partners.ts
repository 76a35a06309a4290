/** Whom user `index % users` pays: over time every user pays many others. */
export function spreadPartner(index: number, users: number): number {
  return (index * 7 + 1) % users;
}

/** The few who are paid by everybody in the workloads of hot accounts. */
export const MERCHANTS = 8;
