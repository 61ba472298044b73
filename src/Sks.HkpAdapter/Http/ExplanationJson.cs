using System.Text.Json;
using Sks.Node;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Http;

/// <summary>The explanation of certificates for programs.</summary>
internal static class ExplanationJson
{
    /// <summary>Writes an array with one object per certificate.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="certificates">The certificates.</param>
    /// <param name="offset">How many packets of each to pass over.</param>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<ExplainedCertificate> certificates, int offset)
    {
        json.WriteStartArray();
        foreach (ExplainedCertificate certificate in certificates)
            Write(json, certificate, offset);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, ExplainedCertificate certificate, int offset)
    {
        CertificateExplanation explanation = certificate.Explanation;
        CertificateIdentity identity = explanation.Stored.Identity;
        json.WriteStartObject();
        json.WriteString("fingerprint", identity.Fingerprint.ToString().ToLowerInvariant());
        json.WriteNumber("version", identity.Version);
        json.WriteNumber("policyVersion", explanation.PolicyVersion);
        json.WriteNumber("packetCount", explanation.Packets.Count);
        json.WriteNumber("fullViewCount", certificate.FullCount);
        json.WriteNumber("cleanViewCount", certificate.CleanCount);
        json.WriteNumber("offset", offset);
        json.WriteStartArray("packets");
        foreach (ExplainedPacket packet in certificate.Take(offset))
            Write(json, certificate, packet);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ExplainedCertificate certificate, ExplainedPacket packet)
    {
        PacketFinding finding = packet.Finding;
        json.WriteStartObject();
        json.WriteString("packet", PacketWords.NameOf(finding.Packet.Tag));
        json.WriteNumber("length", finding.Packet.Body.Length);
        json.WriteString("sha256Prefix", ExplainedCertificate.HashOf(finding).ToLowerInvariant());
        if (certificate.TextOf(finding) is { } text)
            json.WriteString("text", text);
        if (finding.Packet.Tag == PacketTag.Signature)
        {
            json.WriteString("verdict", PacketWords.NameOf(finding.Verdict));
            if (SignaturePacket.TryParse(finding.Packet.Span, out SignaturePacket claims))
                WriteClaims(json, claims);
        }

        json.WriteBoolean("inFullView", packet.IsInFullView);
        json.WriteBoolean("inCleanView", finding.Fate == PacketFate.Kept);
        json.WriteString("fate", PacketWords.NameOf(finding.Fate));
        json.WriteString("reason", PacketFateText.Of(finding.Fate));
        json.WriteEndObject();
    }

    private static void WriteClaims(Utf8JsonWriter json, SignaturePacket claims)
    {
        json.WriteNumber("signatureType", (byte)claims.Type);
        if (claims.Issuer is { } issuer)
            json.WriteString("issuerKeyID", issuer.ToString().ToLowerInvariant());
        if (claims.CreationTime is { } created)
            json.WriteNumber("created", created);
    }
}
