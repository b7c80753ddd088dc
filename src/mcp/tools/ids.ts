import { idSchema } from '../../contracts/page.js';

export const grantId = idSchema.describe('The id of a grant of yours, as request_access gave it.');
export const approvalId = idSchema.describe('The id of an approval, as run_statement gave it.');
