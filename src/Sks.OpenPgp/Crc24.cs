namespace Sks.OpenPgp;

/// <summary>The checksum of ASCII armor. Source: RFC 4880 section 6.1.</summary>
public static class Crc24
{
    private const uint Initial = 0xB704CE;
    private const uint Polynomial = 0x1864CFB;
    private const int Slices = 8;

    // Slicing-by-8: Tables[k][b] is the effect of byte b with k zero bytes behind it. The sum is kept in the upper 24 bits.
    private static readonly uint[][] Tables = CreateTables();

    /// <summary>The sum of no data: what <see cref="Append"/> begins with.</summary>
    public static uint Empty => Initial;

    /// <summary>The 24-bit sum of <paramref name="data"/>.</summary>
    public static uint Compute(ReadOnlySpan<byte> data) => Append(Initial, data);

    /// <summary>The sum of what <paramref name="sum"/> is the sum of, with <paramref name="data"/> behind it.</summary>
    public static uint Append(uint sum, ReadOnlySpan<byte> data)
    {
        uint[][] tables = Tables;
        uint crc = sum << 8;
        while (data.Length >= Slices)
        {
            crc = tables[7][(crc >> 24) ^ data[0]]
                ^ tables[6][((crc >> 16) & 0xFF) ^ data[1]]
                ^ tables[5][((crc >> 8) & 0xFF) ^ data[2]]
                ^ tables[4][data[3]]
                ^ tables[3][data[4]]
                ^ tables[2][data[5]]
                ^ tables[1][data[6]]
                ^ tables[0][data[7]];
            data = data[Slices..];
        }

        foreach (byte value in data)
            crc = (crc << 8) ^ tables[0][(crc >> 24) ^ value];
        return crc >> 8;
    }

    private static uint[][] CreateTables()
    {
        var tables = new uint[Slices][];
        for (int slice = 0; slice < Slices; slice++)
        {
            tables[slice] = new uint[256];
            for (uint value = 0; value < 256; value++)
            {
                uint crc = slice == 0 ? value << 24 : tables[slice - 1][value];
                for (int bit = 0; bit < 8; bit++)
                    crc = (crc << 1) ^ ((crc >> 31) * (Polynomial << 8));
                tables[slice][value] = crc;
            }
        }

        return tables;
    }
}
