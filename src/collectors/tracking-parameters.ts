/**
 * Query parameters that say how a reader came to a page and nothing of the page: of analytics, of advertisements, of
 * newsletters and of social networks. After the lists of Miniflux, Firefox (query stripping) and Matomo. Names that are
 * also used for content, such as `ref` and `source`, are not among them.
 */
const NAMES = new Set(
  `xtor xts xtref xtcr at_medium at_campaign at_custom1 at_custom2 at_custom3 at_custom4 at_link_id at_link_type at_ptr_name
  fbclid fb_action_ids fb_action_types fb_ref fb_source fb_comment_id igsh igshid
  gclid gclsrc dclid gbraid wbraid srsltid _ga _gl
  msclkid twclid ttclid li_fat_id epik rdt_cid scclid sccid yclid ysclid _openstat
  mc_cid mc_eid mc_tc mkt_tok vero_id vero_conv _hsenc _hsmi __hssc __hstc __hsfp hsctatracking
  oly_anon_id oly_enc_id rb_clickid wickedid sc_cid s_cid s_kwcid ef_id dm_i ml_subscriber ml_subscriber_hash
  _bhlid _branch_match_id _branch_referrer __readwiselocation guccounter guce_referrer guce_referrer_sig
  wt_mc wt.mc_id wtmc ns_campaign ns_mchannel ns_source ns_linkname ns_fee cmpid`.split(/\s+/),
);
const PREFIXES = ['utm_', 'mtm_', 'pk_', 'piwik_', 'matomo_', 'hsa_', 'itm_', 'hmb_'];

/** Whether a query parameter is one of those; `name` is decoded. */
export function isTrackingParameter(name: string): boolean {
  const key = name.toLowerCase();
  return NAMES.has(key) || PREFIXES.some((prefix) => key.startsWith(prefix));
}
