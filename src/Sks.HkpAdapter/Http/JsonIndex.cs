using System.Globalization;
using System.Text.Json;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Http;

/// <summary>The index as JSON: <c>options=json</c>, in the shape that Hockeypuck gave it.</summary>
internal static class JsonIndex
{
    /// <summary>Writes an array with one object per certificate.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="certificates">The certificates.</param>
    /// <param name="withSignatures">Whether to list signatures, as vindex does.</param>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<IndexEntry> certificates, bool withSignatures)
    {
        json.WriteStartArray();
        foreach (IndexEntry certificate in certificates)
            WriteCertificate(json, certificate, withSignatures);
        json.WriteEndArray();
    }

    private static void WriteCertificate(Utf8JsonWriter json, IndexEntry certificate, bool withSignatures)
    {
        CertificateStatus status = certificate.Status;
        SignatureVerdicts? verdicts = withSignatures ? certificate.Verdicts : null;
        json.WriteStartObject();
        WriteKey(json, PacketTag.PublicKey, certificate.PrimaryKey, status.Expires);
        WriteState(json, certificate.IsRevoked, status.IsExpired);
        if (certificate.Served.Stored.SksDigest is { } digest)
            json.WriteString("md5", Hex(digest.ToString()));
        json.WriteNumber("length", certificate.Served.View.Length);
        WriteSignatures(json, status.Certificate.DirectSignatures, verdicts is null ? default : verdicts.Direct);
        json.WriteStartArray("trusts");
        json.WriteEndArray();

        json.WriteStartArray("userIDs");
        foreach (UserIdStatus userId in status.UserIds.Where(static userId => !userId.IsAttribute))
        {
            json.WriteStartObject();
            WriteTag(json, PacketTag.UserId);
            json.WriteString("keywords", userId.Text);
            WriteTime(json, "validsince", userId.Created);
            WriteTime(json, "expiration", userId.Expires);
            json.WriteBoolean("neverExpires", userId.Expires is null);
            WriteState(json, userId.IsRevoked, userId.IsExpired);
            json.WriteBoolean("primary", userId.PrimarySince is not null);
            WriteSignatures(json, userId.Component.Signatures, verdicts is null ? default : verdicts.Of(userId.Component));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("subKeys");
        foreach (SubkeyStatus subkey in status.Subkeys)
        {
            if (subkey.Key is not { } key)
                continue;
            json.WriteStartObject();
            WriteKey(json, PacketTag.PublicSubkey, key, subkey.Expires);
            WriteState(json, subkey.IsRevoked, subkey.IsExpired);
            WriteSignatures(json, subkey.Component.Signatures, verdicts is null ? default : verdicts.Of(subkey.Component));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteState(Utf8JsonWriter json, bool isRevoked, bool isExpired)
    {
        json.WriteBoolean("revoked", isRevoked);
        json.WriteBoolean("expired", isExpired);
    }

    private static void WriteKey(Utf8JsonWriter json, PacketTag tag, PublicKeyPacket key, long? expires)
    {
        WriteTag(json, tag);
        json.WriteString("fingerprint", Hex(key.Fingerprint.ToString()));
        json.WriteString("longKeyID", Hex(key.KeyId.ToString()));
        WriteTime(json, "creation", key.CreationTime);
        WriteTime(json, "expiration", expires);
        json.WriteBoolean("neverExpires", expires is null);
        json.WriteNumber("version", key.Version);
        json.WriteStartObject("algorithm");
        json.WriteString("name", AlgorithmNames.Of(key.Algorithm));
        json.WriteNumber("code", (byte)key.Algorithm);
        json.WriteNumber("bitLength", key.BitLength);
        if (key.Curve is { } curve)
            json.WriteString("curve", curve.Name);
        json.WriteEndObject();
    }

    // As many as there are verdicts: none, where signatures are not wanted.
    private static void WriteSignatures(Utf8JsonWriter json, IReadOnlyList<Packet> packets, ReadOnlySpan<PacketVerdict> verdicts)
    {
        json.WriteStartArray("signatures");
        for (int i = 0; i < verdicts.Length; i++)
        {
            if (!SignaturePacket.TryParse(packets[i].Span, out SignaturePacket signature))
                continue;
            json.WriteStartObject();
            WriteTag(json, PacketTag.Signature);
            json.WriteNumber("sigType", (byte)signature.Type);
            json.WriteBoolean("revocation", signature.IsRevocation);
            json.WriteString("verdict", PacketWords.NameOf(verdicts[i]));
            json.WriteBoolean("primary", signature.IsPrimaryUserId);
            if (signature.Issuer is { } issuer)
                json.WriteString("issuerKeyID", Hex(issuer.ToString()));
            WriteTime(json, "creation", signature.CreationTime);
            long? expires = signature.ExpiresAfter is > 0 and uint seconds ? (signature.CreationTime ?? 0L) + seconds : null;
            WriteTime(json, "expiration", expires);
            json.WriteBoolean("neverExpires", expires is null);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteTag(Utf8JsonWriter json, PacketTag tag)
    {
        json.WriteStartObject("packet");
        json.WriteNumber("tag", (byte)tag);
        json.WriteEndObject();
    }

    // Left out when there is none. RFC 3339, UTC.
    private static void WriteTime(Utf8JsonWriter json, string name, long? seconds)
    {
        if (seconds is { } value)
            json.WriteString(name, DateTimeOffset.FromUnixTimeSeconds(value).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
    }

    private static string Hex(string digits) => digits.ToLowerInvariant();
}
