// Once for a run: start the site, and learn its pages from its own sitemap, so that a new page is tested without being listed.
import { serve } from './server.js';

export default async function setup() {
  const { url, stop } = await serve();
  try {
    const sitemap = await (await fetch(new URL('/sitemap.xml', url))).text();
    const pages = [...sitemap.matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, address]) => new URL(address).pathname);
    if (!pages.includes('/')) throw new Error(`the sitemap does not name the home page:\n${sitemap}`);
    process.env.CLINIC_TEST_URL = url;
    process.env.CLINIC_TEST_PAGES = JSON.stringify(pages);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}
