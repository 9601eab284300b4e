import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parsePlaylistReference } from './playlist-reference.ts';

const PL = 'PLrAXtmErZgOeiKm4sgNOknGvNjby9efdf';
const UC = 'UCuAXFkgsw1L7xaCfnd5JJOw';
const V = 'dQw4w9WgXcQ';

const accepted: readonly (readonly [string, string])[] = [
  [`https://www.youtube.com/playlist?list=${PL}`, `playlist.${PL}`],
  [`http://youtube.com/playlist?list=${PL}&si=abc`, `playlist.${PL}`],
  [`https://m.youtube.com/playlist?list=${PL}`, `playlist.${PL}`],
  [
    `https://music.youtube.com/playlist?list=OLAK5uy_lJF8HpQ1Wk3NJ2gW4bVnZq1`,
    'playlist.OLAK5uy_lJF8HpQ1Wk3NJ2gW4bVnZq1',
  ],
  [`https://music.youtube.com/browse/VL${PL}`, `playlist.${PL}`],
  [`https://www.youtube.com/playlist?list=VL${PL}`, `playlist.${PL}`],
  [`https://www.youtube.com/embed/videoseries?list=${PL}`, `playlist.${PL}`],
  [`https://www.youtube.com/watch?v=${V}&list=${PL}&index=3`, `playlist.${PL}`],
  [`https://www.youtube.com/watch?list=${PL}`, `playlist.${PL}`],
  [`https://youtu.be/${V}?list=${PL}`, `playlist.${PL}`],
  [`youtube.com/playlist?list=${PL}`, `playlist.${PL}`],
  [`//www.youtube.com/playlist?list=${PL}`, `playlist.${PL}`],
  [`WWW.YOUTUBE.COM/playlist?list=${PL}`, `playlist.${PL}`],
  [PL, `playlist.${PL}`],
  [`  ${PL}\t`, `playlist.${PL}`],
  ['UUuAXFkgsw1L7xaCfnd5JJOw', 'playlist.UUuAXFkgsw1L7xaCfnd5JJOw'],
  ['FLuAXFkgsw1L7xaCfnd5JJOw', 'playlist.FLuAXFkgsw1L7xaCfnd5JJOw'],
  [`RD${V}`, `playlist.RD${V}`],
  [`https://www.youtube.com/watch?v=${V}&list=RD${V}&start_radio=1`, `playlist.RD${V}`],
  ['RDCLAK5uy_kmPRjHDECIcuVwnKsx2Ng7fyNgFKWNJFs', 'playlist.RDCLAK5uy_kmPRjHDECIcuVwnKsx2Ng7fyNgFKWNJFs'],
  [UC, `channel.${UC}`],
  [`https://www.youtube.com/channel/${UC}/videos`, `channel.${UC}~videos`],
  [`https://www.youtube.com/channel/${UC}/featured`, `channel.${UC}`],
  [`https://music.youtube.com/channel/${UC}`, `channel.${UC}`],
  [`music.youtube.com/browse/${UC}`, `channel.${UC}`],
  ['@FonLanguage', 'handle.fonlanguage'],
  ['https://www.youtube.com/@FonLanguage', 'handle.fonlanguage'],
  ['https://www.youtube.com/@FonLanguage/videos', 'handle.fonlanguage~videos'],
  ['https://www.youtube.com/@FonLanguage/streams?view=2', 'handle.fonlanguage~streams'],
  ['https://m.youtube.com/@FonLanguage/shorts/', 'handle.fonlanguage~shorts'],
  ['youtube.com/@FonLanguage/Podcasts', 'handle.fonlanguage~podcasts'],
  ['@FonLanguage/playlists', 'handle.fonlanguage~playlists'],
  ['https://www.youtube.com/c/SomeName/releases', 'custom.somename~releases'],
  ['https://www.youtube.com/user/SomeName/live', 'user.somename~live'],
  ['https://www.youtube.com/SomeName/streams', 'name.somename~streams'],
  [`https://www.youtube.com/embed/live_stream?channel=${UC}`, `channel.${UC}~live`],
  ['youtube.com/@fon.language', 'handle.fon.language'],
  ['https://www.youtube.com/@%E3%81%82%E3%81%84%E3%81%86', 'handle.あいう'],
  ['https://www.youtube.com/c/SomeName', 'custom.somename'],
  ['https://www.youtube.com/user/SomeName/featured', 'user.somename'],
  ['https://www.youtube.com/SomeName', 'name.somename'],
  ['youtube.com/constructor', 'name.constructor'],
  // Albums and podcasts of YouTube Music.
  ['https://music.youtube.com/browse/MPREb_gTAcphH99wE', 'playlist.MPREb_gTAcphH99wE'],
  ['MPREb_gTAcphH99wE', 'playlist.MPREb_gTAcphH99wE'],
  [`https://music.youtube.com/playlist?list=MPSP${PL}`, `playlist.${PL}`],
  [`https://music.youtube.com/browse/MPSP${PL}`, `playlist.${PL}`],
  [`MPSP${PL}`, `playlist.${PL}`],
  [`https://music.youtube.com/podcast/${V}`, `video.${V}`],
  [`https://music.youtube.com/browse/MPED${V}`, `video.${V}`],
  // As copied from pages and chats.
  [`https://www.youtube.com/watch?v=${V}&amp;list=${PL}`, `playlist.${PL}`],
  [`https://www.youtube.com/watch?app=desktop&#38;v=${V}`, `video.${V}`],
  [`\u200Bhttps://youtu.be/${V}\u200B`, `video.${V}`],
  [`https://youtu.be/\u2060${V}\uFEFF`, `video.${V}`],
  [`https://youtu.be/${V}%E2%80%8B`, `video.${V}`],
  [`\u202A${PL}\u202C`, `playlist.${PL}`],
  ['@Fon\u00ADLanguage\u200E', 'handle.fonlanguage'],
  [`<https://youtu.be/${V}>`, `video.${V}`],
  [`"https://youtu.be/${V}"`, `video.${V}`],
  [`https://www.youtube.com/attribution_link?a=x&u=%2Fwatch%3Fv%3D${V}%26feature%3Dshare`, `video.${V}`],
  [`https://www.youtube.com/attribution_link?u=/playlist?list=${PL}`, `playlist.${PL}`],
  [`https://consent.youtube.com/m?continue=https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3D${V}`, `video.${V}`],
  [`https://www.youtube.com/e/${V}`, `video.${V}`],
  [`https://www.youtube.com/vi/${V}`, `video.${V}`],
  [`https://www.youtube.com/watch/${V}`, `video.${V}`],
  [`https://www.youtube.com/watch_popup?v=${V}`, `video.${V}`],
  [`https://www.youtube.com/?v=${V}`, `video.${V}`],
  // Ids of videos that begin like those of lists.
  ['LLabcdefghi', 'video.LLabcdefghi'],
  ['RDMMabcdefg', 'video.RDMMabcdefg'],
  ['MPREb_abcde', 'video.MPREb_abcde'],
  [V, `video.${V}`],
  ['-abcdefghij', 'video.-abcdefghij'],
  ['12345678901', 'video.12345678901'],
  [`https://www.youtube.com/watch?v=${V}&t=42s`, `video.${V}`],
  [`https://www.youtube.com/watch?app=desktop&v=-abcdefghij`, 'video.-abcdefghij'],
  [`https://youtu.be/${V}?si=xyz`, `video.${V}`],
  [`youtu.be/${V}`, `video.${V}`],
  [`https://www.youtube.com/shorts/${V}`, `video.${V}`],
  [`https://www.youtube.com/live/${V}?feature=share`, `video.${V}`],
  [`https://www.youtube-nocookie.com/embed/${V}`, `video.${V}`],
  [`https://www.youtube.com/v/${V}`, `video.${V}`],
  [`https://www.youtube.com/watch?v=${V}#frag`, `video.${V}`],
];

const refused: readonly (readonly [string, RegExp])[] = [
  ['', /empty/],
  ['   ', /empty/],
  ['hello world', /neither/],
  ['<html><body>', /neither/],
  ['--exec=rm -rf', /neither/],
  ['--exec=abcd', /neither/],
  ['x'.repeat(10_240), /longer/],
  ['file:///etc/passwd', /file:/],
  ['ftp://youtube.com/x', /ftp:/],
  ['javascript:alert(1)', /javascript:/],
  ['ytsearch:cats', /ytsearch:/],
  ['http://127.0.0.1:6379/', /outside YouTube/],
  ['http://0x7f000001/watch?v=dQw4w9WgXcQ', /outside YouTube/],
  ['https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ', /outside YouTube/],
  ['https://evil.example/?u=https://www.youtube.com/watch?v=dQw4w9WgXcQ', /outside YouTube/],
  ['https://notyoutube.com/watch?v=dQw4w9WgXcQ', /outside YouTube/],
  ['https://vimeo.com/12345', /outside YouTube/],
  ['https://user:pw@www.youtube.com/watch?v=dQw4w9WgXcQ', /login/],
  ['https://www.youtube.com:8443/watch?v=dQw4w9WgXcQ', /port/],
  ['https://www.youtube.com/', /not of a playlist/],
  ['youtube.com', /not of a playlist/],
  ['https://www.youtube.com/feed/trending', /not of a playlist/],
  ['https://www.youtube.com/results?search_query=fon', /not of a playlist/],
  ['https://www.youtube.com/playlist', /without list=/],
  ['https://www.youtube.com/playlist?list=x', /playlist id/],
  [`https://www.youtube.com/playlist?list=${PL}%0a--exec`, /playlist id/],
  ['https://www.youtube.com/watch?v=short', /video id/],
  ['https://www.youtube.com/watch?v=dQw4w9WgXcQextra', /video id/],
  ['https://www.youtube.com/channel/UCshort', /channel id/],
  ['https://www.youtube.com/@', /channel name/],
  ['https://www.youtube.com/c/..%2f..%2fetc', /channel name/],
  ['https://www.youtube.com/@%E0%A4%A', /channel name/],
  ['WL', /personal/],
  ['LL', /personal/],
  ['LLuAXFkgsw1L7xaCfnd5JJOw', /personal/],
  [`https://www.youtube.com/watch?v=${V}&list=WL`, /personal/],
  ['https://music.youtube.com/playlist?list=LM', /personal/],
  ['https://www.youtube.com/playlist?list=VLWL', /personal.*cookies/],
  [`https://www.youtube.com/watch?v=${V}&list=RDMM`, /my mix/],
  ['https://www.youtube.com/@FonLanguage/search?query=drum', /search within a channel.*--title-include/],
  ['https://www.youtube.com/@FonLanguage/about', /lists no videos; such pages are: videos, shorts, streams/],
  [`https://www.youtube.com/channel/${UC}/community`, /lists no videos/],
  ['https://www.youtube.com/SomeName/store', /lists no videos/],
  ['https://www.youtube.com/embed/live_stream', /channel id/],
  ['https://www.youtube.com/embed/live_stream?channel=UCshort', /channel id/],
  ['https://www.youtube.com/clip/UgkxAbc', /clip/],
  ['https://www.youtube.com/attribution_link?u=https://evil.example/', /outside YouTube/],
  ['https://www.youtube.com/attribution_link?u=//evil.example/watch', /lists no videos|channel name/],
  ['https://consent.youtube.com/m', /not of a playlist/],
  ['https://music.youtube.com/browse/FEmusic_home', /not of a playlist/],
  ['https://www.youtube.com/hashtag/fon', /not of a playlist/],
  ['\u200B', /empty/],
];

const personal: readonly (readonly [string, string, string])[] = [
  ['WL', 'playlist.WL', 'https://www.youtube.com/playlist?list=WL'],
  ['https://www.youtube.com/playlist?list=LL', 'playlist.LL', 'https://www.youtube.com/playlist?list=LL'],
  ['https://music.youtube.com/playlist?list=LM', 'playlist.LM', 'https://music.youtube.com/playlist?list=LM'],
  [
    `https://www.youtube.com/watch?v=${V}&list=WL&index=2`,
    'playlist.WL',
    'https://www.youtube.com/playlist?list=WL',
  ],
];

describe('playlist references', () => {
  test.each(accepted)('%s is %s', (text, id) => {
    expect(parsePlaylistReference(text)).toMatchObject({ ok: true, reference: { id } });
  });

  test.each(refused)('%s is refused', (text, reason) => {
    const parsed = parsePlaylistReference(text);
    expect(parsed.ok ? parsed.reference : parsed.reason).toMatch(reason);
  });

  test.each(personal)('with cookies of an account, %s is %s', (text, id, url) => {
    const parsed = parsePlaylistReference(text, { personalLists: true });
    expect(parsed).toEqual({ ok: true, reference: { kind: 'playlist', id, url } });
  });

  test('the URL of a tab is that of its channel and the tab', () => {
    expect(parsePlaylistReference('https://www.youtube.com/@FonLanguage/Streams')).toEqual({
      ok: true,
      reference: {
        kind: 'channel',
        id: 'handle.fonlanguage~streams',
        url: 'https://www.youtube.com/@fonlanguage/streams',
        tab: 'streams',
      },
    });
  });

  test('the URL of a mix is that of the video it starts from', () => {
    expect(parsePlaylistReference(`RD${V}`)).toMatchObject({
      reference: { url: `https://www.youtube.com/watch?v=${V}&list=RD${V}` },
    });
    expect(parsePlaylistReference(`https://youtu.be/abcdefghijk?list=RDAMVM${V}`)).toMatchObject({
      reference: { url: `https://www.youtube.com/watch?v=abcdefghijk&list=RDAMVM${V}` },
    });
  });

  test.each(accepted)('the URL for %s is parsed to the same reference', (text) => {
    const parsed = parsePlaylistReference(text);
    if (!parsed.ok) throw new Error(parsed.reason);
    expect(parsePlaylistReference(parsed.reference.url)).toEqual(parsed);
  });

  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      'https://',
      'www.youtube.com',
      '/watch?v=',
      '&list=',
      '/@',
      '/c/',
      '/streams',
      '/playlists',
      '/attribution_link?u=',
      '&amp;',
      '\u200b',
      '~',
      '%2e%2e',
      '..',
      '\n',
      PL,
      UC,
      V,
      'youtu.be/',
      '-',
      '\0',
      '#',
    ),
  );

  test('any text gives a safe reference or a reason, never an exception', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const parsed = parsePlaylistReference(pieces.join(''));
        if (!parsed.ok) {
          expect(parsed.reason).not.toBe('');
          return;
        }
        expect(parsed.reference.id).toMatch(
          /^(playlist|video)\.[\w-]{11,64}$|^(channel\.UC[\w-]{22}|(handle|custom|user|name)\.[^/\s:?#~]{1,100})(~[a-z]+)?$/u,
        );
        expect(parsed.reference.url).toMatch(
          /^https:\/\/www\.youtube\.com\/(playlist\?list=[\w-]+|watch\?v=[\w-]{11}(&list=[\w-]+)?|(channel\/UC[\w-]{22}|(@|c\/|user\/)?[\w%.'-]+)(\/[a-z]+)?)$/,
        );
        expect(new URL(parsed.reference.url).href).toBe(parsed.reference.url);
        expect(parsed.reference.id.length).toBeLessThanOrEqual(200);
      }),
      { numRuns: 2_000 },
    );
  });
});
