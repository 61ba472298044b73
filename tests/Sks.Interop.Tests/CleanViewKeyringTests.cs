using System.Globalization;
using Org.BouncyCastle.Crypto.Digests;
using Sks.OpenPgp;
using Sks.TestSupport;

namespace Sks.Interop.Tests;

/// <summary>
/// On every certificate of the installed keyrings the clean view holds what GnuPG and Sequoia find good, and they take it as it is.
/// </summary>
/// <remarks>
/// One run of a program for each keyring. Only packets in which the bytes of the certificate's own key ID occur are handed over besides keys
/// and names: signatures by others are not in question here, and gpg would look through the whole keyring for each of their makers.
/// No difference needs an explanation: what is shown and what gpg finds good are the same, in both directions.
/// </remarks>
public sealed class CleanViewKeyringTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>The keyrings by path.</summary>
    public static TheoryData<string> Names => new(DebianKeyrings.Debian.Append(DebianKeyrings.ArchLinux).Select(static keyring => keyring.Path));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Names))]
    public async Task No_self_signature_that_gpg_finds_good_is_lost(string path)
    {
        List<Certificate> certificates = Read(path);
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.Combine("own.gpg"), [.. certificates.SelectMany(OwnPackets)], Token);
        ProcessResult result = await RunGpgAsync(
            folder, "--no-default-keyring", "--keyring", folder.Combine("own.gpg"), "--allow-weak-digest-algos", "--check-signatures");
        List<string> good = ReadGoodSignatures(result.OutputLines);

        List<string> shown = [.. certificates.SelectMany(ShownOwnSignatures)];
        Assert.True(good.Count >= certificates.Count, $"{good.Count} good signatures in {certificates.Count} certificates");
        Assert.Empty(Differences(good, shown));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Gpg_takes_every_key_user_ID_and_subkey_of_the_view(string path)
    {
        List<Certificate> views = [.. Read(path).Select(static certificate => View(certificate)!)];
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.Combine("views.pgp"), [.. views.SelectMany(OwnPackets)], Token);
        await RunGpgAsync(folder, "--import", folder.Combine("views.pgp"));
        ProcessResult result = await RunGpgAsync(folder, "--list-keys");

        Assert.Equal(views.Count, Count("pub"));
        Assert.Equal(views.Sum(static view => view.UserIds.Count), Count("uid") + Count("uat"));
        Assert.Equal(views.Sum(static view => view.Subkeys.Count), Count("sub"));

        int Count(string kind) => result.OutputLines.Count(line => line.StartsWith(kind + ":", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Sequoia_says_the_same_of_the_views_as_of_the_whole_certificates(string path)
    {
        List<Certificate> certificates = Read(path);

        List<string> whole = await InspectAsync(certificates);
        List<string> shown = await InspectAsync(certificates.Select(static certificate => View(certificate)!));

        Assert.Equal(certificates.Count, shown.Count(static line => line.StartsWith("Fingerprint: ", StringComparison.Ordinal)));
        Assert.Equal(whole, shown);
    }

    // Keys, user IDs, subkeys, their flags, expiry and revocation; sorted, as both may come in another order.
    private static async Task<List<string>> InspectAsync(IEnumerable<Certificate> certificates)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.Combine("some.pgp"), [.. certificates.SelectMany(OwnPackets)], Token);
        ProcessResult result = await ProcessRunner.RunAsync(
            new ProcessCommand(InteropTool.Require("sq"), ["inspect", "some.pgp"]) { WorkingDirectory = folder.Path }, Patience, Token);
        return
        [
            .. result.EnsureSuccess().OutputLines
                .Select(static line => line.Split(" at time ")[0].Trim()) // "No binding signature at time" of the call
                .Order(StringComparer.Ordinal),
        ];
    }

    private static async Task<ProcessResult> RunGpgAsync(TemporaryFolder folder, params string[] arguments)
    {
        ProcessResult result = await ProcessRunner.RunAsync(
            new ProcessCommand(InteropTool.Require("gpg"), ["--batch", "--no-tty", "--no-autostart", "--with-colons", .. arguments])
            {
                Environment = new Dictionary<string, string?> { ["GNUPGHOME"] = folder.Path, ["LC_ALL"] = "C.UTF-8", ["LANGUAGE"] = null },
            },
            Patience,
            Token);
        Assert.True(result.ExitCode is 0 or 2, result.ToString()); // 2: it has warned about some certificate
        return result;
    }

    // "+" is good for gpg and not shown, "-" is shown and not good for gpg.
    private static List<string> Differences(List<string> good, List<string> shown) =>
    [
        .. Missing(good, shown).Select(static line => "+ " + line).Concat(Missing(shown, good).Select(static line => "- " + line))
            .Order(StringComparer.Ordinal),
    ];

    private static IEnumerable<string> Missing(List<string> from, List<string> other)
    {
        Dictionary<string, int> counts = other.CountBy(static line => line).ToDictionary();
        foreach (string line in from)
        {
            if (counts.TryGetValue(line, out int count) && count > 0)
                counts[line] = count - 1;
            else
                yield return line;
        }
    }

    // Fingerprint, component, type of signature, time.
    private static List<string> ReadGoodSignatures(IReadOnlyList<string> lines)
    {
        List<string> good = [];
        string fingerprint = "";
        string keyId = "";
        string component = "";
        foreach (string[] fields in lines.Select(static line => line.Split(':')))
        {
            switch (fields[0])
            {
                case "pub":
                    (fingerprint, keyId, component) = ("", fields[4], "key");
                    break;
                case "fpr" when fingerprint.Length == 0:
                    fingerprint = fields[9];
                    break;
                case "uid" or "uat":
                    component = fields[7];
                    break;
                case "sub":
                    component = fields[4];
                    break;
                case "sig" or "rev" when fields[1] == "!" && fields[4] == keyId:
                    string time = fields[5].Split('T')[0];
                    // Key revocations and statements about the key count for the key, wherever they stand.
                    string type = fields[10][..2].ToUpperInvariant();
                    good.Add($"{fingerprint} {(type is "1F" or "20" ? "key" : component)} {type} {time}");
                    break;
            }
        }

        return good;
    }

    private static IEnumerable<string> ShownOwnSignatures(Certificate certificate)
    {
        using var examination = new CertificateExamination(certificate.PrimaryKey);
        examination.Add(certificate);
        foreach (PacketFinding finding in examination.Explain(CleanViewPolicy.Current))
        {
            if (finding.Fate != PacketFate.Kept || (finding.Verdict & PacketVerdict.OutcomeMask) != PacketVerdict.Proven)
                continue;
            Assert.True(SignaturePacket.TryParse(finding.Packet.Span, out SignaturePacket claims));
            string type = ((byte)claims.Type).ToString("X2", CultureInfo.InvariantCulture);
            yield return $"{certificate.PrimaryKey.Fingerprint} {NameOf(finding.Component)} {type} {claims.CreationTime}";
        }
    }

    private static string NameOf(Packet? component)
    {
        if (component is not { } packet)
            return "key";
        if (packet.Tag == PacketTag.PublicSubkey)
            return PublicKeyPacket.TryParse(packet.Body, out PublicKeyPacket subkey, out _) ? subkey.KeyId.ToString() : "?";
        var digest = new RipeMD160Digest();
        digest.BlockUpdate(packet.Span);
        var hash = new byte[digest.GetDigestSize()];
        digest.DoFinal(hash, 0);
        return Convert.ToHexString(hash);
    }

    private static IEnumerable<byte> OwnPackets(Certificate certificate)
    {
        var keyId = new byte[KeyId.Length];
        certificate.PrimaryKey.KeyId.Write(keyId);
        return certificate.Packets
            .Where(packet => packet.Tag != PacketTag.Signature || packet.Span.IndexOf(keyId) >= 0)
            .SelectMany(static packet => TestPackets.Frame(packet.Tag, packet.Span));
    }

    private static Certificate? View(Certificate certificate)
    {
        using var examination = new CertificateExamination(certificate.PrimaryKey);
        examination.Add(certificate);
        return examination.Select(CleanViewPolicy.Current).Certificate;
    }

    private static List<Certificate> Read(string path)
    {
        Keyring keyring = DebianKeyrings.Debian.Append(DebianKeyrings.ArchLinux).Single(candidate => candidate.Path == path);
        byte[] content = File.ReadAllBytes(keyring.Require());
        return Keyrings.Read(content[0] == '-' ? (byte[])[.. Armor.Read(content).SelectMany(static block => block!)] : content);
    }
}
