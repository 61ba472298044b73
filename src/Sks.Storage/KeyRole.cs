namespace Sks.Storage;

/// <summary>What a key is within the certificate that a row of <see cref="Family.KeyIds"/> leads to. The values are stored: never renumber.</summary>
internal enum KeyRole : byte
{
    /// <summary>The primary key.</summary>
    Primary = 1,

    /// <summary>A subkey.</summary>
    Subkey = 2,
}
