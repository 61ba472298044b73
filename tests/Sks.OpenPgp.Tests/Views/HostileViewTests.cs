using System.Globalization;
using Sks.OpenPgp.Verification;
using Sks.TestSupport;
using Sks.TestSupport.Signing;

namespace Sks.OpenPgp.Tests.Views;

/// <summary>
/// Damaged real certificates through reading, examining, selecting and explaining: no exception, bounded work, views of views equal.
/// </summary>
/// <remarks>
/// The environment variable <c>SKS_VIEW_MUTATIONS</c> sets how many there are; 20,000 take some minutes. Deterministic for each number.
/// </remarks>
public sealed class HostileViewTests
{
    private const string CountVariable = "SKS_VIEW_MUTATIONS";
    private const int DefaultCount = 3_000;
    private const int MaxOriginalLength = 12_000;
    private const int CostPerByte = 30;

    private static readonly string[] Samples = ["debian-keyring.gpg", "debian-maintainers.gpg", "archlinux.gpg"];

    [Fact]
    public void Random_mutations_of_real_certificates_have_a_view_or_none()
    {
        int count = int.Parse(Environment.GetEnvironmentVariable(CountVariable) ?? $"{DefaultCount}", CultureInfo.InvariantCulture);
        List<byte[]> originals = [.. Real(), .. Synthetic()];
        var random = new Random(20_260_101);
        int read = 0;
        int shown = 0;
        int changed = 0;
        for (int i = 0; i < count; i++)
        {
            byte[] original = originals[random.Next(originals.Count)];
            byte[] mutated = original;
            for (int edits = 1 + random.Next(3); edits > 0; edits--)
                mutated = Mutate(mutated, originals[random.Next(originals.Count)], random);
            if (!CertificateReader.TryRead(mutated, OpenPgpLimits.Default, out Certificate certificate, out _))
                continue;

            read++;
            byte[]? view = Examine(certificate, mutated.Length);
            if (view is null)
                continue;
            shown++;
            if (!view.AsSpan().SequenceEqual(Examined.Select(CleanViewPolicy.Current, Keyrings.ReadOne(original)).Certificate?.ToArray()))
                changed++;
        }

        Assert.True(read > count / 4 && shown > count / 8 && changed > count / 20, $"{read} read, {shown} shown, {changed} changed");
    }

    [Fact]
    public void Every_bit_of_a_small_certificate_may_be_wrong()
    {
        byte[] original = new SignedCertificate(new SigningKey(1)).UserId("A").Certify().RevokeKey().Build();
        for (int bit = 0; bit < 8 * original.Length; bit++)
        {
            byte[] mutated = [.. original];
            mutated[bit / 8] ^= (byte)(1 << (bit % 8));
            if (CertificateReader.TryRead(mutated, OpenPgpLimits.Default, out Certificate certificate, out _))
                Examine(certificate, mutated.Length);
        }
    }

    // All that a node does with a certificate; the bytes of the clean view.
    private static byte[]? Examine(Certificate certificate, int length)
    {
        using CertificateExamination examination = Examined.Of([certificate]);
        Certificate? view = examination.Select(CleanViewPolicy.Current).Certificate;
        Assert.Equal(
            view?.PacketCount ?? 0,
            examination.Explain(CleanViewPolicy.Current).Count(static finding => finding.Fate == PacketFate.Kept));
        examination.Verdicts(certificate);
        Assert.True(examination.Cost < 5_000 + ((long)CostPerByte * length), $"{examination.Cost} for {length} bytes");
        if (view is null)
            return null;
        byte[] bytes = view.ToArray();
        Assert.Equal(bytes, Examined.Select(CleanViewPolicy.Current, Keyrings.ReadOne(bytes)).Certificate!.ToArray());
        return bytes;
    }

    private static IEnumerable<byte[]> Real()
    {
        yield return Armor.Read(TestData.Read("rfc9580", "v6-certificate.asc"))[0]!;
        foreach (ReadOnlyMemory<byte> certificate in KeyHashVector.ReadCertificates())
        {
            if (certificate.Length <= MaxOriginalLength)
                yield return certificate.ToArray();
        }

        foreach (string path in Samples.Select(static name => Path.Combine("/usr/share/keyrings", name)).Where(File.Exists))
        {
            byte[] content = File.ReadAllBytes(path);
            byte[] keyring = content[0] == '-' ? [.. Armor.Read(content).SelectMany(static block => block!)] : content;
            foreach (Certificate certificate in Keyrings.Read(keyring).Where(static c => c.GetLength() <= MaxOriginalLength).Take(30))
                yield return certificate.ToArray();
        }
    }

    private static IEnumerable<byte[]> Synthetic()
    {
        foreach (int version in (int[])[2, 3, 4, 6])
            yield return SignedCertificate.Ordinary(1, version).Build();
        foreach (KeyKind kind in Enum.GetValues<KeyKind>().Except([KeyKind.Curve25519, KeyKind.X25519]))
        {
            var owner = new SigningKey(1, kind);
            yield return new SignedCertificate(owner).Direct().RevokeKey(1)
                .UserId("Ada").Certify().ThirdParty(new SigningKey(9)).Attest().Revoke(32)
                .UserId("Bob").Certify(static spec => spec.HashedWith(SignatureHash.Sha512)).Attribute(100).Certify()
                .Subkey(new SigningKey(2, kind), KeyUse.Sign).Subkey(new SigningKey(2, KeyKind.Curve25519), KeyUse.Encrypt).Revoke(0).Build();
        }
    }

    private static byte[] Mutate(byte[] bytes, byte[] other, Random random)
    {
        int at = random.Next(bytes.Length);
        int length = Math.Min(1 + random.Next(60), bytes.Length - at);
        byte[] copy = [.. bytes];
        switch (random.Next(10))
        {
            case 0 or 1:
                copy[at] ^= (byte)(1 << random.Next(8));
                return copy;
            case 2:
                copy[at] = (byte)random.Next(256);
                return copy;
            case 3:
                return [.. copy[..at], .. copy[(at + length)..]];
            case 4:
                int from = random.Next(other.Length);
                other.AsSpan(from, Math.Min(length, other.Length - from)).CopyTo(copy.AsSpan(at));
                return copy;
            case 5:
                return copy.Length > 200 ? copy[..^random.Next(100)] : copy;
            default:
                return MutatePackets(copy, other, random);
        }
    }

    // Framing stays sound: packets are repeated, moved, swapped, cut, stretched, or taken from another certificate.
    private static byte[] MutatePackets(byte[] bytes, byte[] other, Random random)
    {
        if (!TrySplit(bytes, out List<Packet> packets) || packets.Count < 3)
            return bytes;
        int one = 1 + random.Next(packets.Count - 1);
        int two = 1 + random.Next(packets.Count - 1);
        switch (random.Next(6))
        {
            case 0:
                packets.Insert(two, packets[one]);
                break;
            case 1:
                (packets[one], packets[two]) = (packets[two], packets[one]);
                break;
            case 2:
                packets.RemoveAt(one);
                break;
            case 3:
                packets[one] = packets[one] with { Body = packets[one].Body[..random.Next(packets[one].Body.Length + 1)] };
                break;
            case 4:
                packets[one] = packets[one] with { Body = (byte[])[.. packets[one].Span, .. new byte[random.Next(20)]] };
                break;
            case 5 when TrySplit(other, out List<Packet> others):
                packets.Insert(one, others[random.Next(others.Count)]);
                break;
        }

        return [.. packets.SelectMany(static packet => TestPackets.Frame(packet.Tag, packet.Span))];
    }

    private static bool TrySplit(byte[] bytes, out List<Packet> packets)
    {
        packets = [];
        for (int at = 0; at < bytes.Length;)
        {
            if (PacketHeader.TryRead(bytes.AsSpan(at), out PacketHeader header, out _) != System.Buffers.OperationStatus.Done
                || header.TotalLength > bytes.Length - at)
            {
                return false;
            }

            packets.Add(new Packet(header.Tag, bytes.AsMemory(at + header.HeaderLength, (int)header.BodyLength)));
            at += (int)header.TotalLength;
        }

        return true;
    }
}
