// Once for a run: start the site, and learn its pages from its own sitemap, so that a new page is tested without being listed.
import { assertExamples } from './checks/looks.js';
import { serve, sitemap } from './server.js';

export default async function setup() {
  const { url, stop } = await serve();
  try {
    const pages = await sitemap(url);
    assertExamples(pages);
    process.env.CLINIC_TEST_PAGES = JSON.stringify(pages);
    process.env.CLINIC_TEST_URL = url;
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}
