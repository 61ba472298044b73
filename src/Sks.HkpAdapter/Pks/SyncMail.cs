using System.Globalization;
using System.Text;
using MimeKit;
using Sks.Node;
using Sks.OpenPgp;

namespace Sks.HkpAdapter.Pks;

/// <summary>Writes the mails by which keyservers tell each other what is new.</summary>
/// <remarks>
/// The headers of SKS in its order, and those behind them that mail systems expect. Every receiver finds several certificates in one block, SKS only those of
/// the first. Relayed mails have an <c>X-KeyServer-Sent</c> for each server that has seen them, in order, this one last. Source: SKS 1.1.6, onak-mail.pl.
/// </remarks>
internal static class SyncMail
{
    /// <summary>Writes one.</summary>
    /// <param name="to">Address of the other server.</param>
    /// <param name="from">This server's.</param>
    /// <param name="certificates">At least one; all have come the same way.</param>
    /// <param name="time">Now.</param>
    public static MimeMessage Create(string to, string from, IReadOnlyList<OutgoingCertificate> certificates, DateTimeOffset time)
    {
        var text = new StringBuilder();
        Add(text, "To", to);
        Add(text, "From", from);
        Add(text, "Reply-To", from);
        Add(text, "Errors-To", from);
        Add(text, "Subject", "incremental");
        Add(text, "Precedence", "list");
        Add(text, "Content-type", "application/pgp-keys");
        foreach (string seen in certificates[0].Origin?.SeenBy ?? [])
            Add(text, "X-KeyServer-Sent", new string([.. seen.Where(static c => c is >= ' ' and <= '~')]));
        Add(text, "X-KeyServer-Sent", from);
        Add(text, "Date", time.ToString("ddd, dd MMM yyyy HH:mm:ss +0000", CultureInfo.InvariantCulture));
        Add(text, "Message-ID", $"<{Guid.NewGuid():N}@{from[(from.LastIndexOf('@') + 1)..]}>");
        Add(text, "MIME-Version", "1.0");
        Add(text, "Content-Transfer-Encoding", "7bit");
        text.Append('\n').Append(WriteArmor(certificates));
        using var stream = new MemoryStream(Encoding.ASCII.GetBytes(text.ToString()));
        return MimeMessage.Load(stream);
    }

    /// <summary>Certificates as one block.</summary>
    public static string WriteArmor(IReadOnlyList<OutgoingCertificate> certificates)
    {
        byte[] packets = [.. certificates.SelectMany(static certificate => certificate.Packets.ToArray())];
        byte[] armor = new byte[ArmorWriter.GetLength(packets.Length)];
        ArmorWriter.Write(packets, Crc24.Compute(packets), armor);
        return Encoding.ASCII.GetString(armor);
    }

    private static void Add(StringBuilder text, string name, string value) => text.Append(name).Append(": ").Append(value).Append('\n');
}
