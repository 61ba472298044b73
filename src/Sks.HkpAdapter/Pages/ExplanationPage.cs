using Sks.HkpAdapter.Http;
using Sks.Node;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Pages;

/// <summary>Tells packet by packet what is stored of a certificate, and why it is shown or not.</summary>
internal sealed class ExplanationPage(Fingerprint fingerprint, IReadOnlyList<ExplainedCertificate> certificates, LookupRequest request) : Page
{
    public override string Title => $"Explanation of {PageText.Group(fingerprint)}";

    public override string? Note => """
        Other keyservers keep whatever anybody uploads. This one shows, and passes on to others of its kind, only what is proven to come from
        the owner of a key, and signatures by others in bounds. This page says why something is not shown.
        """;

    public override void WriteBody(Markup html)
    {
        html.Add($"<h1>What is stored of <span class=\"mono\">{PageText.Group(fingerprint)}</span></h1>\n");
        foreach (ExplainedCertificate certificate in certificates)
            WriteCertificate(html, certificate);
    }

    private void WriteCertificate(Markup html, ExplainedCertificate certificate)
    {
        int total = certificate.Explanation.Packets.Count;
        html.Add($"""
            <section class="card">
            <h2>{total} packets, {certificate.CleanCount} of them shown</h2>
            <p class="soft">{certificate.FullCount} packets are what classic keyservers hold (full view). Decided by policy {certificate.Explanation.PolicyVersion}.</p>
            <div class="wide"><table>
            <thead><tr><th class="number">Bytes</th><th>Packet</th><th>Full view</th><th>Clean view</th><th>Why</th></tr></thead>
            <tbody>

            """);
        foreach (ExplainedPacket packet in certificate.Take(request.Offset))
            WritePacket(html, certificate, packet);
        html.Raw("</tbody>\n</table></div>\n");

        long next = (long)request.Offset + ExplainedCertificate.MaxPackets;
        if (next < total)
            html.Add($"<p class=\"actions\"><a href=\"{PageText.ExplainLink(fingerprint, next)}\">Packets from {next + 1}</a></p>\n");
        html.Raw("</section>\n");
    }

    private static void WritePacket(Markup html, ExplainedCertificate certificate, ExplainedPacket packet)
    {
        PacketFinding finding = packet.Finding;
        bool isKept = finding.Fate == PacketFate.Kept;
        html.Add($"<tr><td class=\"number\">{finding.Packet.Body.Length}</td><td>");
        if (finding.Packet.Tag == PacketTag.Signature)
            WriteSignature(html, finding);
        else
            WriteComponent(html, certificate, finding);
        html.Add($"</td><td>{(packet.IsInFullView ? "yes" : "no")}</td>");
        html.Add($"<td><span class=\"tag {(isKept ? "good" : "warn")}\">{(isKept ? "yes" : "no")}</span></td>");
        html.Add($"<td>{PacketFateText.Of(finding.Fate)}</td></tr>\n");
    }

    private static void WriteComponent(Markup html, ExplainedCertificate certificate, PacketFinding finding)
    {
        html.Add($"<strong>{PacketWords.Describe(finding.Packet.Tag)}</strong> ");
        if (certificate.TextOf(finding) is { } text)
            html.Add($"<bdi>{PageText.Shorten(text)}</bdi>");
        else if (PublicKeyOf(finding.Packet) is { } key)
            html.Add($"{AlgorithmNames.Describe(key)} <span class=\"mono\">{PageText.Group(key.Fingerprint)}</span>");
        else
            html.Add($"<span class=\"mono\">SHA-256 {ExplainedCertificate.HashOf(finding)}…</span>");
    }

    private static void WriteSignature(Markup html, PacketFinding finding)
    {
        html.Raw("signature");
        if (SignaturePacket.TryParse(finding.Packet.Span, out SignaturePacket claims))
        {
            html.Add($" <span class=\"tag\">{PacketWords.Describe(claims.Type)}</span> {PageText.DateOrDash(claims.CreationTime)}");
            if (claims.Issuer is { } issuer)
                html.Add($" by <span class=\"mono\">{issuer.ToString()}</span>");
        }

        html.Add($" ({PacketWords.Describe(finding.Verdict)})");
    }

    private static PublicKeyPacket? PublicKeyOf(Packet packet) =>
        packet.Tag is PacketTag.PublicKey or PacketTag.PublicSubkey && PublicKeyPacket.TryParse(packet.Body, out PublicKeyPacket key, out _)
            ? key
            : null;
}
