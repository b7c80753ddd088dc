import { z } from 'zod';

/** Who answers for an agent. */
export const sponsorView = z
  .object({
    name: z.string(),
    isClaim: z.boolean().meta({ description: "The agent's token says so; false: an operator has set it." }),
  })
  .meta({ id: 'Sponsor' });
export type SponsorView = z.infer<typeof sponsorView>;
