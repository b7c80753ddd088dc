import type { INestApplication } from '@nestjs/common';
import { listenFault, type ListenPlace } from '../../start/start-error.js';

/** Lets an app listen. @throws StartError that names the settings when nothing can listen there */
export async function listenOn(app: INestApplication, place: ListenPlace): Promise<void> {
  try {
    await app.listen(place.port, place.host);
  } catch (error) {
    throw listenFault(place, error);
  }
}
