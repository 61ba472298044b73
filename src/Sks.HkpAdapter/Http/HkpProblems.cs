using Sks.Node;

namespace Sks.HkpAdapter.Http;

/// <summary>The one table of reasons, HTTP statuses and texts.</summary>
/// <remarks>
/// Never 502: GnuPG then holds the server for dead. 503 makes it try another one, 404 says plainly that there is no such key, and
/// 501 that this kind of search is not offered.
/// </remarks>
internal static class HkpProblems
{
    public static readonly HkpProblem MissingOperation = new(
        400, "missing-operation", "Missing operation", "The request does not say what to do: op=get, index, vindex, hget or stats.");

    public static readonly HkpProblem MissingSearch = new(
        400, "missing-search", "Missing search", "The request does not say what to search for.");

    public static readonly HkpProblem SearchTooLong = new(
        400, "search-too-long", "Search too long", "The text to search for is too long.");

    public static readonly HkpProblem BadHex = new(
        400, "bad-key-id", "Not a key ID", "0x must be followed by a fingerprint (40 hex digits) or a key ID (16 hex digits).");

    public static readonly HkpProblem BadDigest = new(
        400, "bad-digest", "Not a hash", "The hash of a key has 32 hex digits.");

    public static readonly HkpProblem NoFingerprint = new(
        400, "no-fingerprint", "Not a fingerprint", "Only a certificate that is named by its fingerprint is explained: search=0x and 40 hex digits.");

    public static readonly HkpProblem BadLimit = new(
        400, "bad-limit", "Bad limit", "The limit must be a number above zero, and the offset a number.");

    public static readonly HkpProblem BadHashQuery = new(
        400, "bad-hashquery", "Bad hash query", "The body is not a list of hashes.");

    public static readonly HkpProblem MissingKeyText = new(
        400, "missing-keytext", "Missing key text", "The request holds no key: send it armored in the form field keytext.");

    public static readonly HkpProblem BadRequest = new(
        400, "bad-request", "Bad request", "The request could not be understood.");

    public static readonly HkpProblem FullViewClosed = new(
        403, "full-view-closed", "Not allowed", "This server answers hash queries only where its operator allows it (allow-full-view).");

    public static readonly HkpProblem NotFound = new(
        404, "not-found", "No results found", "No keys found.");

    public static readonly HkpProblem ShortKeyId = new(
        404, "short-key-id", "No results found", "No keys found. Key IDs of 8 digits are never looked up, as they are easily forged: use the fingerprint.");

    public static readonly HkpProblem NoSuchPage = new(
        404, "no-such-page", "Page not found", "There is no such page here.");

    public static readonly HkpProblem RequestTimeout = new(
        408, "timeout", "Too slow", "The request was not sent in time.");

    public static readonly HkpProblem RequestTooLarge = new(
        413, "request-too-large", "Request too large", "The request is larger than this server accepts.");

    public static readonly HkpProblem TooManyMatches = new(
        413, "too-many-matches", "Too many results", "Too many keys match (too many responses): search for something more specific.");

    public static readonly HkpProblem TooCommonWords = new(
        413, "too-common-words", "Too many results", "Insufficiently specific words: provide at least one more specific word.");

    public static readonly HkpProblem TooManyDigests = new(
        413, "too-many-digests", "Too many hashes", "The request names more hashes than this server answers at once.");

    public static readonly HkpProblem InternalError = new(
        500, "internal-error", "Internal error", "This server failed to answer. Its operator finds more in the log.");

    public static readonly HkpProblem UnknownOperation = new(
        501, "unknown-operation", "Not implemented", "This server does not know that operation.");

    public static readonly HkpProblem NoWordSearch = new(
        501, "no-word-search", "Not implemented", "This server finds keys by fingerprint, key ID, whole user ID and e-mail address only.");

    public static readonly HkpProblem NotWritable = new(
        503, "not-writable", "Not available", "This server cannot store keys at the moment. Nothing is lost: send it again later.")
    { RetryAfter = "60" };

    public static readonly HkpProblem Overloaded = new(
        503, "overloaded", "Busy", "This server has too much to do at the moment. Send it again later.")
    { RetryAfter = "10" };

    public static readonly HkpProblem Stopping = new(
        503, "stopping", "Not available", "This server is stopping.")
    { RetryAfter = "30" };

    public static readonly HkpProblem WouldBeModified = new(
        422,
        "would-be-modified",
        "Not accepted",
        "Only a part of a key in it would be stored, mostly because the rest is not proven by its key's signatures, and options=nm asks to refuse that. Nothing was stored.");

    public static readonly HkpProblem GuardedRevocation = new(
        422,
        "guarded-revocation",
        "Not accepted",
        "This is a revocation certificate as GnuPG keeps it. Publishing it makes the key useless for ever. If that is what you want, remove the colon before the first dashes and send it again.");

    private static readonly Dictionary<RejectionReason, HkpProblem> Rejections = new()
    {
        [RejectionReason.MalformedPackets] = new(422, "malformed-packets", "Not accepted", "Its packets are malformed."),
        [RejectionReason.MalformedCertificate] = new(422, "malformed-certificate", "Not accepted", "Malformed key: unexpected packet type or order of packets."),
        [RejectionReason.Truncated] = new(422, "truncated", "Not accepted", "The data ends in the middle of it."),
        [RejectionReason.TooLarge] = new(413, "too-large", "Not accepted", "It is larger than this server accepts."),
        [RejectionReason.StandaloneRevocation] = new(
            422, "standalone-revocation", "Not accepted", "This is a revocation, but no key that is stored here made it: send its key first, or both together."),
        [RejectionReason.SecretKey] = new(
            422, "secret-key", "Secret key refused", "This is a SECRET key. It was not stored. Never send it to anyone; if others may have seen it, revoke it."),
        [RejectionReason.UnsupportedVersion] = new(422, "unsupported-version", "Not accepted", "Keys of this version are not accepted here."),
        [RejectionReason.BadArmor] = new(422, "bad-armor", "Not accepted", "The armor is damaged: it does not hold base64."),
        [RejectionReason.NoData] = new(422, "no-data", "Not accepted", "There is no OpenPGP key in it."),
        [RejectionReason.NothingProven] = new(
            422,
            "nothing-proven",
            "Not accepted",
            "Nothing in it is signed by its own key, or only with hashes that are too weak: only what a key's owner has signed is stored. Export the key again from the keyring of its owner."),
        [RejectionReason.TooManyCertificates] = new(413, "too-many-certificates", "Not accepted", "There are more keys in it than this server accepts at once."),
        [RejectionReason.Restricted] = new(403, "restricted", "Not accepted", "The operator of this server does not allow this key here."),
    };

    /// <summary>What to say about a certificate that was not accepted.</summary>
    public static HkpProblem For(RejectionReason reason) => Rejections.GetValueOrDefault(reason, InternalError);

    /// <summary>What to say about a method that does not fit the path.</summary>
    public static HkpProblem MethodNotAllowed(string allow) =>
        new(405, "method-not-allowed", "Method not allowed", $"This address takes {allow}.") { Allow = allow };
}
