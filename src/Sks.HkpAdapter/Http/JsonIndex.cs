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
    public static void Write(Utf8JsonWriter json, IReadOnlyList<CertificateSummary> certificates, bool withSignatures)
    {
        json.WriteStartArray();
        foreach (CertificateSummary certificate in certificates)
            WriteCertificate(json, certificate, withSignatures);
        json.WriteEndArray();
    }

    private static void WriteCertificate(Utf8JsonWriter json, CertificateSummary certificate, bool withSignatures)
    {
        json.WriteStartObject();
        WriteKey(json, PacketTag.PublicKey, certificate.PrimaryKey, certificate.Expires);
        json.WriteBoolean("revoked", certificate.IsRevoked);
        json.WriteString("md5", Hex(certificate.Stored.SksDigest?.ToString() ?? ""));
        json.WriteNumber("length", certificate.Stored.FullView?.Length ?? 0);
        WriteSignatures(json, certificate.Certificate.DirectSignatures, withSignatures);
        json.WriteStartArray("trusts");
        json.WriteEndArray();

        json.WriteStartArray("userIDs");
        foreach (UserIdSummary userId in certificate.UserIds.Where(static userId => !userId.IsAttribute))
        {
            json.WriteStartObject();
            WriteTag(json, PacketTag.UserId);
            json.WriteString("keywords", userId.Text);
            WriteTime(json, "validsince", userId.Created);
            WriteTime(json, "expiration", userId.Expires);
            json.WriteBoolean("neverExpires", userId.Expires is null);
            WriteSignatures(json, userId.Component.Signatures, withSignatures);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("subKeys");
        foreach (CertificateComponent subkey in certificate.Certificate.Subkeys)
        {
            if (!PublicKeyPacket.TryParse(subkey.Packet.Body, out PublicKeyPacket key, out _))
                continue;
            json.WriteStartObject();
            WriteKey(json, PacketTag.PublicSubkey, key, FindExpiration(subkey, key));
            WriteSignatures(json, subkey.Signatures, withSignatures);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static long? FindExpiration(CertificateComponent subkey, PublicKeyPacket key)
    {
        SignaturePacket? newest = null;
        foreach (Packet packet in subkey.Signatures)
        {
            bool counts = SignaturePacket.TryParse(packet.Span, out SignaturePacket signature)
                && signature.Type == SignatureType.SubkeyBinding
                && (newest is null || signature.CreationTime > newest.CreationTime);
            newest = counts ? signature : newest;
        }

        return newest?.KeyExpiresAfter is > 0 and uint seconds ? (long)key.CreationTime + seconds : null;
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

    private static void WriteSignatures(Utf8JsonWriter json, IReadOnlyList<Packet> packets, bool withSignatures)
    {
        json.WriteStartArray("signatures");
        foreach (Packet packet in withSignatures ? packets : [])
        {
            if (!SignaturePacket.TryParse(packet.Span, out SignaturePacket signature))
                continue;
            json.WriteStartObject();
            WriteTag(json, PacketTag.Signature);
            json.WriteNumber("sigType", (byte)signature.Type);
            json.WriteBoolean("revocation", signature.IsRevocation);
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
