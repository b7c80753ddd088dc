/** The entry that the address of the page names. */
export function entryOfAddress(): number | undefined {
  const found = /^#e=([1-9]\d{0,15})$/.exec(location.hash)?.[1];
  return found === undefined ? undefined : Number(found);
}
